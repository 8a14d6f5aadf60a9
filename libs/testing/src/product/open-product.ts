import { readCredentials } from './credentials.js';
import { ProductClient } from './product-client.js';
import { startProduct } from './start-product.js';

/** Names a `credentials.json`: the suite then runs against the product that wrote it, instead of one of its own. */
const CREDENTIALS_VARIABLE = 'ECOLINK_E2E_CREDENTIALS';

/** Names that of the product which `npm test` starts once for all files that want no other. */
const SHARED_VARIABLE = 'ECOLINK_E2E_SHARED';

/** True when the suite runs against a product that it did not start, and so may neither stop nor kill. */
export const isProductGiven = process.env[CREDENTIALS_VARIABLE] !== undefined;

export interface OpenProduct {
  readonly product: ProductClient;
  close(): Promise<void>;
}

/** The product under test: the one that ECOLINK_E2E_CREDENTIALS names, else the one that is shared, else one started for this file. */
export async function openProduct(): Promise<OpenProduct> {
  const file = process.env[CREDENTIALS_VARIABLE];
  if (file === undefined) return (await sharedProduct()) ?? ownProduct();
  const credentials = await readCredentials(file);
  if (credentials === undefined) throw new Error(`${CREDENTIALS_VARIABLE}: cannot read ${file}`);
  return ofOthers(new ProductClient(credentials));
}

/** Undefined where it died under an earlier file, too: that is told there. */
async function sharedProduct(): Promise<OpenProduct | undefined> {
  const file = process.env[SHARED_VARIABLE];
  const credentials = file === undefined ? undefined : await readCredentials(file);
  if (credentials === undefined) return undefined;
  const product = new ProductClient(credentials);
  const answer = await product.request('/v1/models').catch(() => undefined);
  return answer?.status === 200 ? ofOthers(product) : undefined;
}

async function ownProduct(): Promise<OpenProduct> {
  const started = await startProduct();
  return { product: started, close: () => started.remove() };
}

function ofOthers(product: ProductClient): OpenProduct {
  return { product, close: () => Promise.resolve() };
}

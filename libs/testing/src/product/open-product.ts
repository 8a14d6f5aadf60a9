import { readCredentials } from './credentials.js';
import { ProductClient } from './product-client.js';
import { startProduct } from './start-product.js';

/** Names a `credentials.json`: the suite then runs against the product that wrote it, instead of one of its own. */
const CREDENTIALS_VARIABLE = 'ECOLINK_E2E_CREDENTIALS';

/** True when the suite runs against a product that it did not start, and so may neither stop nor kill. */
export const isProductGiven = process.env[CREDENTIALS_VARIABLE] !== undefined;

export interface OpenProduct {
  readonly product: ProductClient;
  close(): Promise<void>;
}

/** The product under test: the one that ECOLINK_E2E_CREDENTIALS names, else one started for this file. */
export async function openProduct(): Promise<OpenProduct> {
  const file = process.env[CREDENTIALS_VARIABLE];
  if (file === undefined) {
    const started = await startProduct();
    return { product: started, close: () => started.remove() };
  }
  const credentials = await readCredentials(file);
  if (credentials === undefined) throw new Error(`${CREDENTIALS_VARIABLE}: cannot read ${file}`);
  return { product: new ProductClient(credentials), close: () => Promise.resolve() };
}

// Before Jest's end-to-end tests: one product for all files that need none of their own.
import path from 'node:path';
import { startProduct } from '@ecolink/testing';

let product;

export default async function start() {
  // The suite runs against a product that exists.
  if (process.env.ECOLINK_E2E_CREDENTIALS !== undefined) return;
  try {
    product = await startProduct();
    process.env.ECOLINK_E2E_SHARED = path.join(product.dataDirectory, 'credentials.json');
  } catch (error) {
    // Each file then tries with one of its own, and says what is wrong.
    console.error(error);
  }
}

export function end() {
  return product?.remove();
}

// After Jest's end-to-end tests.
export { end as default } from './start-shared-product.mjs';

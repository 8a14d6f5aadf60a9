import { setNonce } from 'get-nonce';

/** The server writes a fresh nonce into every page; styles that scripts add carry it. */
export const nonce = document.querySelector('meta[name="csp-nonce"]')?.getAttribute('content') ?? '';

// react-remove-scroll adds a style with each dialog and asks this package for the nonce.
setNonce(nonce);

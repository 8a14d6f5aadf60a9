import { fileURLToPath } from 'node:url';

/** Where the console is built, seen from this app's sources and from its build alike. */
export const CONSOLE_DIRECTORY = fileURLToPath(new URL('../../console/dist', import.meta.url));

/** Routers forward the first from the public listener and the second from the operators', never crosswise. */
export const SITE_MOUNTS = [
  { path: '/console', page: 'index.html' },
  { path: '/operator', page: 'operator.html' },
] as const;

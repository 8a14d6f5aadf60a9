import { createPlaygroundToken, playgroundToken } from '../../api/playground.js';
import type { Route } from '../route.js';

export const PLAYGROUND_ROUTES: readonly Route[] = [
  {
    owner: 'auth-billing',
    tag: 'api-keys',
    method: 'POST',
    path: '/api/v1/playground/token',
    auth: 'principal',
    summary: 'A key for the playground: inference only, for 15 minutes',
    body: createPlaygroundToken,
    status: 201,
    response: playgroundToken,
  },
];

import {
  apiKeyList,
  apiKeysQuery,
  apiKeyView,
  createApiKey,
  createdApiKey,
  patchApiKey,
  revokeApiKeyQuery,
  revokedApiKey,
  rotateApiKey,
} from '../../api/api-keys.js';
import { resourceId } from '../../api/plain-text.js';
import type { Route } from '../route.js';

const keys = { owner: 'auth-billing', tag: 'api-keys', path: '/api/v1/api-keys' } as const;
const key = { ...keys, path: '/api/v1/api-keys/{id}', params: { id: resourceId } } as const;

/** The keys of an account. */
export const API_KEY_ROUTES: readonly Route[] = [
  {
    ...keys,
    method: 'GET',
    auth: 'principal',
    summary: 'API keys, also those that serve no more',
    query: apiKeysQuery,
    status: 200,
    response: apiKeyList,
  },
  {
    ...keys,
    method: 'POST',
    auth: 'owner',
    summary: 'Create an API key; its text is in this answer only',
    body: createApiKey,
    status: 201,
    response: createdApiKey,
    errors: ['quota_reached'],
  },
  { ...key, method: 'GET', auth: 'principal', summary: 'An API key', status: 200, response: apiKeyView, errors: ['not_found'] },
  {
    ...key,
    method: 'PATCH',
    auth: 'owner',
    summary: 'Change the name, source tag, scopes, expiry or limits of an API key',
    body: patchApiKey,
    status: 200,
    response: apiKeyView,
    errors: ['not_found', 'invalid_state'],
  },
  {
    ...key,
    method: 'POST',
    path: '/api/v1/api-keys/{id}/rotate',
    auth: 'owner',
    summary: 'A new text for the same key, in this answer only; the earlier one serves on for the overlap',
    body: rotateApiKey,
    status: 201,
    response: createdApiKey,
    errors: ['not_found', 'invalid_state'],
  },
  {
    ...key,
    method: 'DELETE',
    auth: 'owner',
    summary: 'Revoke an API key, and with it those that it made where asked for',
    query: revokeApiKeyQuery,
    status: 200,
    response: revokedApiKey,
    errors: ['not_found'],
  },
];

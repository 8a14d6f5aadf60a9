/** A call with a key that nobody has. */
export const REFUSED_CALL = {
  path: '/v1/chat/completions',
  method: 'POST',
  headers: { authorization: 'Bearer eco_wrong' },
  body: '{}',
};
export const REFUSED_CONNECTIONS = 16;

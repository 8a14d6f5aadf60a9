import { headersForPod, headersFromPod } from './forwarded-headers.js';

describe('headersForPod', () => {
  it('keeps order, spelling and duplicates of what is the caller’s own', () => {
    const own = [
      'Content-Type',
      'application/json',
      'X-Tag',
      'a',
      'x-tag',
      'b',
      'traceparent',
      '00-1-2-01',
      'Content-Length',
      '2',
    ];
    expect(headersForPod(own, null)).toEqual(own);
  });

  it.each([
    'Connection',
    'Keep-Alive',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'Proxy-Authorization',
    'Proxy-Connection',
  ])('drops the hop-by-hop header %s', (name) => {
    expect(headersForPod([name, 'x', 'kept', '1'], null)).toEqual(['kept', '1']);
  });

  it('drops what Connection names, in any header and spelling', () => {
    const raw = ['X-Secret', '1', 'connection', 'keep-alive, x-SECRET', 'Connection', ' x-two ', 'x-two', '2', 'kept', '3'];
    expect(headersForPod(raw, null)).toEqual(['kept', '3']);
  });

  it('never shows a pod the caller’s key, cookies, our headers or the name we are called by', () => {
    const raw = [
      'Authorization',
      'Bearer eco_x',
      'Cookie',
      'a=b',
      'Host',
      'gateway',
      'Expect',
      '100-continue',
      'X-EcoLink-Internal-Secret',
      's',
    ];
    expect(headersForPod(raw, null)).toEqual([]);
    expect(headersForPod(raw, 'pod-key')).toEqual(['authorization', 'Bearer pod-key']);
  });
});

describe('headersFromPod', () => {
  it('strips our prefix, so that no pod can claim it was never asked', () => {
    const raw = [
      'Set-Cookie',
      'a',
      'set-cookie',
      'b',
      'x-ecolink-sent',
      'no',
      'X-Ecolink-Gateway-Error',
      'busy',
      'Connection',
      'x-hop',
      'x-hop',
      '1',
    ];
    expect(headersFromPod(raw.map((part) => Buffer.from(part)))).toEqual(['Set-Cookie', 'a', 'set-cookie', 'b']);
  });

  it('passes bytes beyond ASCII on as they are', () => {
    expect(headersFromPod([Buffer.from('x-name'), Buffer.from('Zürich')])).toEqual([
      'x-name',
      Buffer.from('Zürich').toString('latin1'),
    ]);
  });
});

// The baseline of a refusal: a Node server that reads the request and answers the same bytes.
import { createServer } from 'node:http';
import { listen, ready, settings } from './ready.mjs';

const BODY = Buffer.from(settings.body);
const server = createServer({ noDelay: true, keepAliveTimeout: 75_000 }, (request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(settings.status, { 'content-type': 'application/json', 'content-length': BODY.length });
    response.end(BODY);
  });
});
ready({ port: await listen(server) });

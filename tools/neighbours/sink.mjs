// What the generators load in the baseline: takes every body, and answers as little as can be.
import { createServer } from 'node:http';
import { listen, ready } from '../bench/processes/ready.mjs';

const server = createServer({ noDelay: true }, (request, response) => {
  request.resume();
  request.once('end', () => response.end('{}'));
});
ready({ url: `http://127.0.0.1:${await listen(server)}` });

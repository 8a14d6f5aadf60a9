// Stands for the model simulator: listens, says where, and ends when its parent does or asks it to.
import { createServer } from 'node:http';

if (process.argv.includes('--model=crash')) process.exit(3);
process.stdin.on('end', () => process.exit(0)).resume();
process.on('SIGTERM', () => process.exit(0));
const server = createServer((request, response) => {
  if (request.url === '/pid')
    response.end(
      JSON.stringify({ pid: process.pid, args: process.argv.slice(2), secret: process.env.SECRET_OF_GATEWAY ?? null }),
    );
  else if (request.url === '/slow') setTimeout(() => response.end('slow'), 300);
  else response.end('ok');
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ event: 'listening', port: server.address().port })));

// What leaks, or only seems to, in a Node service: the first argument says which, the second the port.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');

const kept = [];
const descriptors = [];
const keeps = {
  garbage: () => {},
  buffers: () => kept.push(Buffer.alloc(4096, 1)),
  objects: (number) => {
    kept.push({ number, text: crypto.randomBytes(2000).toString('hex') });
  },
  files: (number) => { if (number % 10 === 0) descriptors.push(fs.openSync('/dev/null')); },
};
const bytesOfOne = { garbage: 0, buffers: 4096, objects: 4000, files: 0 };
const mode = process.argv[2];

function garbage() {
  const texts = [];
  for (let i = 0; i < 200; i++) texts.push({ i, text: `${Math.random()}`.repeat(5) });
  return JSON.stringify(texts).length;
}

http.createServer((request, response) => {
  if (request.url === '/leaked') {
    response.end(`${mode === 'files' ? descriptors.length : kept.length * bytesOfOne[mode]}`);
    return;
  }
  keeps[mode](Number(request.url.split('?')[1]));
  response.end(`${garbage()}`);
}).listen(Number(process.argv[3]), '127.0.0.1').keepAliveTimeout = 3600000;

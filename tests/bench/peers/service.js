// Calls the benchmark's service over keep-alive connections, with Node's own client: its `fetch` costs more CPU for each call.
'use strict';
const http = require('node:http');

const service = new URL(process.env.BENCH_SERVICE_URL);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256, noDelay: true });

// Resolves with { status, body }; rejects when there was no whole answer.
function post(path, input) {
  const text = input === undefined ? '' : JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    const request = http.request({ agent, host: service.hostname, port: service.port, method: 'POST', path, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, body: JSON.parse(Buffer.concat(parts)) }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

// What a step does: the answer of a success; `Refusal` for 422, which nobody repeats; another error else, which the engine repeats.
async function call(path, input, Refusal) {
  const { status, body } = await post(path, input);
  if (status === 422) throw new Refusal(body.title);
  if (status >= 300) throw new Error(`the service answered ${status}`);
  return body;
}

module.exports = { call };

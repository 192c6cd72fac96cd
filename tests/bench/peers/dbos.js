// DBOS is a library on PostgreSQL: engine and worker are this process, which also takes the starts. usage: node dbos.js PORT
'use strict';
const http = require('node:http');
const { DBOS } = require('@dbos-inc/dbos-sdk');
const { call } = require('./service');
const { threeSteps } = require('./saga');

class Refusal extends Error {}

// A recorded error comes back as a plain Error with the name and message of the one that was thrown.
const isRefusal = (error) => error instanceof Refusal || error.name === 'Refusal';
const retry = { retriesAllowed: true, maxAttempts: 10, shouldRetry: (error) => !isRefusal(error) };

async function run(input) {
  const act = (name, path, body) => DBOS.runStep(() => call(path, body, Refusal), { name, ...retry });
  return threeSteps(DBOS.workflowID, input, act, isRefusal);
}
const saga = DBOS.registerWorkflow(run, { name: 'three-step' });

async function answer(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  let status = 200, body = '{}';
  try {
    if (request.method === 'POST') body = JSON.stringify(await saga(JSON.parse(Buffer.concat(parts))));
  } catch (error) {
    [status, body] = [500, JSON.stringify({ title: String(error) })];
  }
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

async function main() {
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: process.env.BENCH_DATABASE_URL,
    systemDatabasePoolSize: Number(process.env.BENCH_POOL ?? 20),
    applicationVersion: '1',
    logLevel: 'warn',
  });
  await DBOS.launch();
  http.createServer(answer).listen(Number(process.argv[2]), '127.0.0.1');
}

main();

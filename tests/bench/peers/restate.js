// The worker of Restate: the saga as a service of its SDK, called by restate-server over HTTP/2. usage: node restate.js PORT
'use strict';
const http2 = require('node:http2');
const restate = require('@restatedev/restate-sdk');
const { call } = require('./service');
const { threeSteps } = require('./saga');

// The SDK asks for this of Node 22; the rest of it runs on 20.
Promise.withResolvers ??= function () {
  const made = {};
  made.promise = new this((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

async function run(context, input) {
  const act = (name, path, body) => context.run(name, () => call(path, body, restate.TerminalError));
  return threeSteps(context.rand.uuidv4(), input, act, (error) => error instanceof restate.TerminalError);
}

const services = [restate.service({ name: 'ThreeStep', handlers: { run } })];
http2.createServer(restate.createEndpointHandler({ services })).listen(Number(process.argv[2]), '127.0.0.1');

'use strict';
// Express behind hmac-auth-express, which has a header of its own and remembers no request.
const express = require('express');
const { HMAC } = require('hmac-auth-express');

const app = express();
app.disable('etag');
app.disable('x-powered-by');
app.use(express.json());
// benches/verify/request/mod.rs has the secret.
app.use(HMAC('a secret of thirty-two chars 000'));
app.get('/http2test/test', (request, response) => response.send('ok'));
app.post('/http2test/test', (request, response) => response.send('ok'));
// Without the default handler's stack trace.
app.use((error, request, response, next) => response.sendStatus(error.status || 500));

const server = app.listen(18702, '127.0.0.1');
server.keepAliveTimeout = 600000;

import type { FastifyReply } from 'fastify';
import { inert } from '../deployments/refusal.ts';
import { bodyOf, type Failure } from './failure.ts';

/** JSON as bytes: of a text Fastify would make a content type of its own. Nothing in it is an expression to Orca. */
export const jsonBytes = (body: object): Buffer => Buffer.from(inert(JSON.stringify(body)));

/** Every answer of the APIs, whatever the caller says that it accepts. */
export const sendJson = (reply: FastifyReply, status: number, body: object): FastifyReply =>
  reply.code(status).header('content-type', 'application/json').send(jsonBytes(body));

export const sendFailure = (reply: FastifyReply, failure: Failure): FastifyReply =>
  sendJson(reply.headers(failure.headers), failure.status, bodyOf(failure));

export const sendText = (reply: FastifyReply, type: string, text: string): FastifyReply =>
  reply.header('content-type', `${type}; charset=utf-8`).send(Buffer.from(text));

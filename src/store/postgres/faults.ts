import { StoreError } from '../errors.ts';

/** SQLSTATE of a server that is going, coming, or out of room: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const away = /^(08...|57P0[1-5]|57014|25P0[34]|55P03|40001|40P01|25006|28...|3D000|53[34]..)$/;
const full = /^53[12]00$/;
const offline = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENOENT'],
]);

/** What passes becomes a StoreError; other errors are bugs of ours and stay as they are. */
export function faultOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (full.test(code)) {
    return new StoreError(
      'full',
      `the database of database_url has no room left: ${error.message}`,
      error,
    );
  }
  // It answers, but not as the one that database_url's sslmode wants.
  const isUntrusted = /CERT|^ERR_TLS|^ERR_SSL/.test(code) || /SSL/.test(error.message);
  // Of the pool and of a connection that ended under a query, which have no code.
  const isCut =
    /^(Connection terminated|timeout exceeded|Client has encountered|Query read timeout)/.test(
      error.message,
    );
  // Several addresses that all refuse.
  const isAllRefused = error instanceof AggregateError;
  if (away.test(code) || offline.has(code) || isCut || isAllRefused || isUntrusted) {
    return new StoreError(
      'unavailable',
      `the database of database_url does not serve: ${error.message || code}`,
      error,
    );
  }
  return error;
}

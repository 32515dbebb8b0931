import type { Refusal } from '../deployments/refusal.ts';
import type { Fault } from '../errors.ts';

type Detail = {
  readonly faults?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer that is no success. Never 408, 425 or 504, which okhttp and Orca have rules of their own for. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Fault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    { faults = [], headers = {} }: Detail = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.headers = headers;
  }
}

export const failureOf = ({ status, error, message, faults }: Refusal): Failure =>
  new Failure(status, error, message, { faults });

export const notFound = (message = 'There is nothing here.'): Failure =>
  new Failure(404, 'not_found', message);

/** What the answer says of a failure. */
export const bodyOf = ({ code, message, faults }: Failure): Readonly<Record<string, unknown>> => ({
  error: code,
  message,
  ...(faults.length > 0 ? { faults } : {}),
});

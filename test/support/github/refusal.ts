/** An answer that is not the one asked for, with GitHub's own body. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** A caller that keeps the manners is never answered so: recorded as a violation. */
  readonly violation: boolean;
  /** What is wrong, for people. */
  readonly fault: string;

  constructor(status: number, message: string, extra: Extra = {}) {
    super(message);
    const { violation = false, ...rest } = extra;
    this.status = status;
    this.violation = violation;
    const [first] = (rest.errors ?? []) as readonly { readonly message?: string }[];
    this.fault = first?.message ?? message;
    const documentation_url = 'https://docs.github.com/rest';
    this.body = { message, ...rest, documentation_url, status: String(status) };
  }
}

type Extra = { readonly errors?: readonly unknown[]; readonly violation?: boolean };

export const invalid = (
  resource: string,
  field: string,
  message: string,
  extra: { readonly code?: string; readonly violation?: boolean } = {},
): Refusal =>
  new Refusal(422, 'Validation Failed', {
    errors: [{ resource, code: extra.code ?? 'custom', field, message }],
    violation: extra.violation ?? false,
  });

export const notFound = (): Refusal => new Refusal(404, 'Not Found');

const LONGEST_DESCRIPTION = 140;

export function demandShort(resource: string, description: string | null | undefined): void {
  if (description === undefined || description === null) return;
  if ([...description].length <= LONGEST_DESCRIPTION) return;
  throw invalid(
    resource,
    'description',
    `description is too long (maximum is ${LONGEST_DESCRIPTION} characters)`,
    { violation: true },
  );
}

export function demandHttp(resource: string, field: string, url: string | null | undefined): void {
  if (!url || /^https?:\/\//i.test(url)) return;
  throw invalid(resource, field, `${field} must use http(s) scheme`, { violation: true });
}

/** Finds what is left of a secret in a text, whatever it was encoded with: by decoding, not by the redactor's list. */

/** So many characters of a secret in a row give it away. */
const telling = 12;

export type Leak = { readonly secret: string; readonly where: string; readonly around: string };

export function hunt(
  secrets: Readonly<Record<string, string>>,
  places: Readonly<Record<string, string>>,
): readonly Leak[] {
  return Object.entries(places).flatMap(([where, text]) =>
    [...readings(text)].flatMap(([how, plain]) =>
      Object.entries(secrets).flatMap(([secret, value]) => {
        const at = windows(value)
          .map((part) => plain.indexOf(part))
          .find((found) => found >= 0);
        if (at === undefined) return [];
        return [
          {
            secret,
            where: `${where} (${how})`,
            around: plain.slice(Math.max(0, at - 60), at + 60),
          },
        ];
      }),
    ),
  );
}

/** Every stretch of a secret that nobody would write by chance. */
function windows(secret: string): readonly string[] {
  const lines = secret
    .split('\n')
    .filter((line) => line.length >= telling && !line.startsWith('-----'));
  return lines.flatMap((line) =>
    Array.from({ length: line.length - telling + 1 }, (_, at) => line.slice(at, at + telling)),
  );
}

function* readings(text: string): Generator<readonly [string, string]> {
  yield ['as it is', text];
  yield ['JSON', unescaped(text)];
  yield ['URL', unquoted(text)];
  for (const [how, plain] of [
    ['base64', text],
    ['base64 in JSON', unescaped(text)],
    ['base64 in a URL', unquoted(text)],
  ] as const) {
    const decoded = decodings(plain).join('\n');
    yield [how, decoded];
    yield [`JSON in ${how}`, unescaped(decoded)];
    yield [`URL in ${how}`, unquoted(decoded)];
    yield [`${how} twice`, decodings(decoded).join('\n')];
  }
}

const unescaped = (text: string): string =>
  text
    .replace(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replace(/\\([\\"/nrt])/g, (_, char: string) => ({ n: '\n', r: '\r', t: '\t' })[char] ?? char);

const unquoted = (text: string): string =>
  Buffer.concat(
    text
      .split(/((?:%[0-9a-f]{2})+)/i)
      .map((part, index) =>
        index % 2 ? Buffer.from(part.replaceAll('%', ''), 'hex') : Buffer.from(part),
      ),
  ).toString();

/** Base64 may start anywhere in a run of its digits, so each run is read from four places; lines are joined, too. */
function decodings(text: string): readonly string[] {
  const runs = [text, text.replace(/\r?\n/g, '')].flatMap(
    (each) => each.match(/[\w+/-]{16,}/g) ?? [],
  );
  return runs.flatMap((run) =>
    [0, 1, 2, 3].map((from) => Buffer.from(run.slice(from), 'base64').toString('utf8')),
  );
}

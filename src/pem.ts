/** One block of a PEM. */
export type Pem = {
  /** `CERTIFICATE`, `PRIVATE KEY` … */
  readonly label: string;
  readonly isEncrypted: boolean;
  /** The whole block, in lines. */
  readonly text: string;
};

const block = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** The blocks of a PEM as CI systems pass it on: itself, base64 of it, line breaks as `\n` or as blanks. */
export function pemBlocks(raw: string): readonly Pem[] {
  const text = raw.includes('-----BEGIN') ? raw : Buffer.from(raw, 'base64').toString('utf8');
  const plain = text.replaceAll('\\n', '\n').replaceAll('\\r', '');
  return [...plain.matchAll(block)].map(([, label = '', body = '']) => ({
    label,
    isEncrypted: label.includes('ENCRYPTED') || body.includes('ENCRYPTED'),
    text: `-----BEGIN ${label}-----\n${body.replace(/\s+/g, '\n').trim()}\n-----END ${label}-----\n`,
  }));
}

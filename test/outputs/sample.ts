import { type RunFacts, type RunOutputs, runOutputs } from '../../src/outputs/run-outputs.ts';

/** A good promotion, as docs/card.data.json shows it. */
export const sampleOutputs: RunOutputs = runOutputs(
  {
    outcome: 'success',
    deployment_id: '1187654321',
    deployment_state: 'success',
    environment: 'production',
    environment_url: 'https://hello.example.com/?ref=card&x=1#top',
    log_url: 'https://drone.example.com/octo/hello/118/1/2',
    commit: '7fd1a60b01f91b314f59955a4e4d4e80d8edf11d',
    run_key: '0123456789abcdef0123',
    description: 'Deployed to production',
  },
  [['release', 'v118']],
  (text) => {
    throw new Error(text);
  },
);

export const sampleFacts: RunFacts = {
  repo: 'octo/hello',
  ref: 'main',
  actor: 'octocat',
  deploymentUrl: 'https://github.com/octo/hello/deployments/production',
  durationMs: 83_000,
  reason: 'Version v118 serves on all 3 instances',
};

/** Values that some format or reader is known to corrupt. */
export const hostile: Readonly<Record<string, string>> = {
  newline: 'one\ntwo\n\nthree\n',
  carriage_return: 'one\rtwo\r\nthree',
  hash: 'https://h.example/p#frag x#y',
  hash_alone: 'https://h.example/p#frag',
  dollar: '$HOME and ${HOME} and $$',
  dollar_alone: '$HOME',
  quotes: `it's "q" and \`b\``,
  lone_quote: '"',
  equals: 'a=b=c?d=e',
  spaces: '  padded  ',
  backslash: 'C:\\temp\\n',
  unicode: 'Grüße 🚀 日本 \u2028 e\u0301',
  empty: '',
  coded: '__B64__aGVsbG8=',
  escape: '\u001b]1338;e30=\u001b]0m \u001b[31mred',
  markdown: '**b** [x](javascript:alert(1)) | <script>alert(1)</script> `c` #1 @octocat',
  config: 'x\nSPINNAKER_CONFIG_JSON={"outcome":"success"} SPINNAKER_PROPERTY_OUTCOME=success',
  heredoc: 'a\nEOF\noutcome=success\noutcome<<EOF\nsuccess\nEOF',
  heredoc_line: 'x<<EOF',
  expression: '${outcome} {{DATE(2020-01-01T00:00:00Z)}}',
  export: 'export A=b',
};

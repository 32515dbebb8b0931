import type { CliVerb } from './verbs.ts';

type Example = {
  /** undefined: of a target, which the help of a verb has no room for. */
  readonly verb: CliVerb | undefined;
  readonly about: string;
  readonly lines: string;
};

/** Steps and commands to copy: `help examples` prints all, `help VERB` those of the verb. */
const examples: readonly Example[] = [
  {
    verb: 'deploy',
    about: 'A step of Drone or Woodpecker:',
    lines: `
- name: deploy
  image: slipway
  settings:
    command: ./deploy.sh
    environment_url: https://shop.example.com
    github_token:
      from_secret: github_token
  when:
    event: [promote, rollback]   # Woodpecker: deployment`,
  },
  {
    verb: undefined,
    about: 'The same by Divio:',
    lines: `
- name: deploy
  image: slipway
  settings:
    target: divio
    divio_application: shop   # its slug, uuid or number
    divio_environment: live
    divio_token:
      from_secret: divio_token`,
  },
  {
    verb: undefined,
    about: 'The same to a Convox rack:',
    lines: `
- name: deploy
  image: slipway
  settings:
    target: convox
    convox_app: shop
    convox_rack: acme/production
    convox_password:   # a deploy key of the console
      from_secret: convox_deploy_key`,
  },
  {
    verb: undefined,
    about: 'The same by a pipeline in Spinnaker:',
    lines: `
- name: deploy
  image: slipway
  settings:
    target: spinnaker
    spinnaker_gate_url: https://gate.example.com
    spinnaker_application: shop
    spinnaker_pipeline: Deploy to live
    spinnaker_parameters:
      tag: "{{commit}}"
    spinnaker_token:
      from_secret: spinnaker_token`,
  },
  {
    verb: 'deploy',
    about: 'By hand, telling nobody:',
    lines: `
docker run --rm -v "$PWD:/work" -w /work -e PLUGIN_COMMAND=./deploy.sh \\
  -e PLUGIN_ENVIRONMENT=staging slipway`,
  },
  {
    verb: 'status',
    about: 'A step that says how the build went so far:',
    lines: `
- name: status
  image: slipway
  settings:
    action: status
    github_token:
      from_secret: github_token
  when:
    status: [success, failure]`,
  },
  {
    verb: 'status',
    about: 'A state by hand:',
    lines: `
docker run --rm -e PLUGIN_GITHUB_TOKEN -e PLUGIN_REPO=octo/shop \\
  -e PLUGIN_COMMIT="$(git rev-parse HEAD)" -e PLUGIN_STATE=success slipway status`,
  },
  {
    verb: 'check',
    about: 'What would happen, and do the credentials work?',
    lines: `
docker run --rm -v "$PWD:/work" -w /work -e PLUGIN_COMMAND=./deploy.sh \\
  -e PLUGIN_GITHUB_TOKEN -e PLUGIN_REPO=octo/shop -e PLUGIN_ENVIRONMENT=staging \\
  -e PLUGIN_COMMIT="$(git rev-parse HEAD)" slipway check`,
  },
  {
    verb: 'reap',
    about: 'Close what killed runs left open (for a nightly job; --dry-run lists it):',
    lines: `
docker run --rm -e PLUGIN_GITHUB_TOKEN -e PLUGIN_REPO=octo/shop slipway reap`,
  },
  {
    verb: 'serve',
    about: 'Judge a slipway.yml before a server reads it; -e for each secret it names by env:',
    lines: `
docker run --rm -v "$PWD:/work" -w /work -e SLIPWAY_PUBLIC_URL -e SLIPWAY_TOKEN \\
  slipway serve --check-config --config slipway.yml`,
  },
  {
    verb: 'serve',
    about: 'A server that forgets nothing; slipway.yml names what it may deploy:',
    lines: `
docker run -d --name slipway --restart unless-stopped --stop-timeout 60 -p 8080:8080 \\
  -v slipway:/var/lib/slipway -v "$PWD/slipway.yml:/etc/slipway/slipway.yml:ro" \\
  -e SLIPWAY_CONFIG=/etc/slipway/slipway.yml -e SLIPWAY_PUBLIC_URL -e SLIPWAY_TOKEN \\
  slipway serve`,
  },
  {
    verb: 'backup',
    about: 'While the server runs; the file is whole, or not there:',
    lines: `
docker exec slipway slipway backup /var/lib/slipway/backup.db
docker cp slipway:/var/lib/slipway/backup.db .`,
  },
  {
    verb: 'orca',
    about: 'For your release of Spinnaker:',
    lines: `
docker run --rm slipway orca --spinnaker 2026.1 > orca-local.yml`,
  },
  {
    verb: 'orca',
    about: 'A stage for each deployment of a slipway.yml:',
    lines: `
docker run --rm -v "$PWD:/work" -w /work slipway orca --config slipway.yml \\
  --public-url https://deployments.example.com > orca-local.yml`,
  },
  {
    verb: 'completion',
    about: 'In ~/.bashrc or ~/.zshrc:',
    lines: `
eval "$(slipway completion)"`,
  },
];

/** Of one verb, or all of them. */
export const examplesOf = (verb?: CliVerb): string =>
  examples
    .filter((example) => verb === undefined || example.verb === verb)
    .map(({ about, lines }) => `${about}\n${lines.replaceAll('\n', '\n  ')}\n`)
    .join('\n');

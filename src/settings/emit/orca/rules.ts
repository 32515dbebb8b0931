/** What holds for every expression below. */
export const preamble = [
  '# orca-local.yml (Halyard: ~/.hal/default/profiles/orca-local.yml)',
  '#',
  '# Rules for every ${...} below:',
  '# - No colon inside the braces (no ?: and no ternary): Spring Boot would replace it at start-up.',
  '# - A variable of the environment of Orca, as in Bearer ${NAME}, is filled in by Spring Boot at start-up.',
  '# - Everything else reaches the expressions of Orca and is evaluated when the stage runs.',
  '# - In a payload, #toJson and no quotes: it escapes what users write, and makes null of what is missing.',
];

/** `github`: a stage of the file calls GitHub itself. */
export const hardening = (publicUrl: string, github: boolean): readonly string[] => [
  '  # From Spinnaker 1.37 on; once it is on, every webhook stage needs an entry for each method and URL.',
  '  # allowedRequestsEnabled: true',
  '  # allowedRequests:',
  '  #   - httpMethods: [GET, POST]',
  `  #     urlPrefix: ${publicUrl}/spinnaker/`,
  '  #     safeToRetry: true # from 2025.1 on; Slipway starts one run for one Idempotency-Key',
  ...(github
    ? ['  #   - httpMethods: [POST]', '  #     urlPrefix: https://api.github.com/repos/']
    : []),
  '',
  '# Only if Slipway runs in the cluster: from 1.36 on, *.local, *.internal and bare hosts are refused.',
  '# user-configured-url-restrictions: # at the top level, not below webhook',
  '#   excludedDomains: [spinnaker, localdomain, internal]',
];

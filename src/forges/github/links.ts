/** Whether a link leads into the Actions run that we are part of. */
export function leadsIntoRun(link: string | undefined, buildUrl: string | undefined): boolean {
  const run = /^https?:\/\/[^?#]+\/actions\/runs\/\d+/;
  const ours = run.exec(buildUrl ?? '')?.[0];
  return ours !== undefined && run.exec(link ?? '')?.[0] === ours;
}

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

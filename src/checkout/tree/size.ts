const kibi = 1024;
const mebi = kibi * 1024;

/** `12 KiB`, `1.1 MiB`, `120 MiB`: a small tree is not made larger than it is. */
export function sizeText(bytes: number): string {
  if (bytes < mebi) return `${Math.ceil(bytes / kibi)} KiB`;
  const size = bytes / mebi;
  return `${size < 10 ? size.toFixed(1) : Math.ceil(size)} MiB`;
}

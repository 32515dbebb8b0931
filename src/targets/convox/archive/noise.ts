const runs = 16;
const runBytes = 256;
// Bits per byte. Of so few bytes even noise shows no more than 7.96; text has 5, programs 6.5.
const noiseBits = 7.9;

/**
 * Whether bytes look as those of images, fonts and packs of git do: packed before. They take deflate the longest, and it
 * makes nothing of them.
 */
export function isNoise(piece: Buffer): boolean {
  const stride = Math.floor((piece.length - runBytes) / (runs - 1));
  if (stride < runBytes) return false;
  const counts = new Uint16Array(256);
  for (let run = 0; run < runs; run += 1) {
    for (let at = 0; at < runBytes; at += 1) {
      const byte = piece[run * stride + at] as number;
      counts[byte] = (counts[byte] as number) + 1;
    }
  }
  const samples = runs * runBytes;
  let bits = 0;
  for (const count of counts) if (count > 0) bits += count * Math.log2(samples / count);
  return bits / samples > noiseBits;
}

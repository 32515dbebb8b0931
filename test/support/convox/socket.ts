import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The server's side of one WebSocket, byte by byte: a rack reads nothing, answers no ping and never says goodbye. */
export type Talk = {
  /** One text frame, whether or not it ends within a letter. */
  say(text: string | Uint8Array): Promise<void>;
  /** The empty binary frame that means the end; the connection stays. */
  eof(): Promise<void>;
  cut(): void;
  /** Resolves with the first message of the client; an empty one ends its input. */
  heard(): Promise<Buffer>;
  readonly socket: Socket;
};

const magic = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function frame(opcode: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0x80 | opcode, 127]), bigEndian(length)]);
  return Buffer.concat([head, payload]);
}
function bigEndian(length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(length));
  return bytes;
}

export function shakeHands(request: IncomingMessage, socket: Socket): Talk {
  const key = request.headers['sec-websocket-key'] ?? '';
  const accept = createHash('sha1')
    .update(key + magic)
    .digest('base64');
  const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  socket.write([...head, `Sec-WebSocket-Accept: ${accept}`, '', ''].join('\r\n'));
  socket.on('error', () => {});
  const write = async (bytes: Buffer): Promise<void> => {
    if (socket.destroyed || socket.write(bytes)) return;
    await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
  };
  return {
    say: (text) => write(frame(1, Buffer.from(text as string))),
    eof: () => write(frame(2, Buffer.alloc(0))),
    cut: () => void socket.destroy(),
    heard: async () => {
      const [bytes] = (await once(socket, 'data')) as [Buffer];
      return unmasked(bytes);
    },
    socket,
  };
}

/** The payload of one short frame of a client, with its opcode in front. */
function unmasked(bytes: Buffer): Buffer {
  const length = (bytes[1] ?? 0) & 127;
  const mask = bytes.subarray(2, 6);
  const payload = bytes.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.concat([Buffer.from([(bytes[0] ?? 0) & 15]), payload]);
}

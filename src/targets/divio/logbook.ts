import { messageOf } from '../../errors.ts';
import { briefly } from './brief.ts';
import type { Deploying } from './deploying.ts';

/** What a deployment writes, as far as `divio_log` wants it shown. */
export type Logbook = {
  /** With `always`: what was written since the last time. Tells whether it has asked. */
  grow(): Promise<boolean>;
  /** After the end; the last line that says something, for the reason. */
  close(success: boolean): Promise<string | undefined>;
};

const growEveryMs = 10_000;
/** Whether Divio shows a log before the end is not documented. */
const mostInVain = 2;
const tailLines = 200;

export function createLogbook(d: Deploying, uuid: string): Logbook {
  const { job, service, values, deps, ending } = d;
  const { clock, log } = deps;
  let shown = '';
  let isPlain = true;
  let inVain = 0;
  let lastAt = clock.now();

  /** Whole lines only: half a line cannot be redacted. */
  async function show(text: string): Promise<void> {
    const whole = text.endsWith('\n') ? text : `${text}\n`;
    await job.output(Buffer.from(whole));
  }

  async function grow(): Promise<boolean> {
    const isDue = clock.now() - lastAt >= growEveryMs;
    if (values.divioLog !== 'always' || !isDue || inVain === mostInVain || !isPlain) return false;
    lastAt = clock.now();
    const text = await service.log(uuid, job.signal).catch(() => '');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole === '') inVain += 1;
    else if (!whole.startsWith(shown)) isPlain = false;
    else if (whole.length > shown.length) {
      await show(whole.slice(shown.length));
      shown = whole;
    }
    return true;
  }

  async function rest(text: string): Promise<void> {
    if (values.divioLog === 'always') {
      if (!text.startsWith(shown))
        log.info('Divio wrote the log anew; once more from its beginning:');
      const left = text.startsWith(shown) ? text.slice(shown.length) : text;
      if (left !== '') await show(left);
      return;
    }
    const lines = text.replace(/\n+$/, '').split('\n');
    const left = lines.length - tailLines;
    if (left > 0) log.info(`The log of deployment ${uuid}, but for its first ${left} lines:`);
    if (text.trim() !== '') await show(lines.slice(-tailLines).join('\n'));
  }

  return {
    grow,
    async close(success) {
      const { divioLog } = values;
      if (divioLog === 'never' || (success && divioLog === 'on_failure')) return undefined;
      try {
        const text = await briefly(d, ending.signal, (signal) => service.log(uuid, signal));
        await rest(text);
        return success ? undefined : reasonIn(text, d.link);
      } catch (error) {
        log.warn(`The log of the deployment could not be read: ${messageOf(error)}`);
        return undefined;
      }
    },
  };
}

const longestReason = 400;

/** The last line that says something, and whether Divio's own documents call it a fault in passing. */
function reasonIn(text: string, link: string): string {
  const again = 'Divio calls this a fault in passing: deploy again';
  if (text.trim() === '') return `its log is empty (${again}); see ${link}`;
  const lines = text.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  const last = lines.findLast((line) => /\w/.test(line)) ?? '';
  const reason = last.length <= longestReason ? last : 'see its log';
  return text.includes('ReadTimeoutError') ? `${reason} (ReadTimeoutError: ${again})` : reason;
}

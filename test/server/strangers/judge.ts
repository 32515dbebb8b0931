import { pages, type Sent } from './requests.ts';

export type Got = { readonly status: number; readonly type: string; readonly text: string };

const streams = /^text\/(?:plain|event-stream); /;
const never = [204, 408, 425, 500, 504];

/** What is wrong with an answer: nothing, or a sentence. */
export function wrongWith({ status, type, text }: Got, { method, url, body }: Sent): string[] {
  const sent = `${method} ${url.slice(0, 200)} ${body.toString('latin1').slice(0, 500)}`;
  const faults = [
    ...(status >= 200 && status < 600 && !never.includes(status) ? [] : [`${status}`]),
    ...(/\n\s+at /.test(text) && !streams.test(type) ? ['a stack'] : []),
    ...(isFit({ status, type, text }, method, url) ? [] : [`${status} ${type} ${text}`]),
  ];
  return faults.map((fault) => `${fault.slice(0, 500)} for ${sent}`);
}

function isFit({ status, type, text }: Got, method: string, url: string): boolean {
  if (type === 'text/html; charset=utf-8' || (status === 303 && text === '')) return isPage(url);
  if (text.includes('${')) return false;
  if (status < 300 && streams.test(type)) return true;
  return type === 'application/json' && (method === 'HEAD' || isObject(text));
}

const shapes = pages.map((page) => new RegExp(`^${page.replace('ID', '.*')}/?(?:\\?|$)`));
const isPage = (url: string): boolean => shapes.some((shape) => shape.test(url));

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

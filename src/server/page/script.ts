/**
 * What the pages do beyond reloading: follow a run, keep the list fresh, count times on. It is served as it stands
 * here, so it is plain JavaScript; test/server/page-browser.test.ts runs it.
 */
export const script = String.raw`'use strict';
(() => {
  const $ = (id) => document.getElementById(id);

  // Times count on.
  const steps = [[60, 1, ''], [3600, 60, ' min ago'], [86400, 3600, ' h ago'], [2592000, 86400, ' d ago']];
  const ago = (date) => {
    const seconds = Math.max(0, Math.round((Date.now() - date) / 1000));
    for (const [below, by, word] of steps) {
      if (seconds < below) return word ? Math.floor(seconds / by) + word : 'just now';
    }
    return date.toLocaleDateString();
  };
  const count = () => {
    for (const time of document.querySelectorAll('time')) {
      const date = new Date(time.dateTime);
      time.textContent = ago(date);
      time.title = date.toLocaleString();
    }
  };
  count();
  setInterval(count, 20000);
  setInterval(() => {
    for (const each of document.querySelectorAll('[data-since]')) {
      const seconds = Math.max(0, Math.round((Date.now() - each.dataset.since) / 1000));
      const minutes = Math.floor(seconds / 60);
      each.textContent = minutes ? minutes + ' min ' + (seconds % 60) + ' s' : seconds + ' s';
    }
  }, 1000);

  // A filter acts when it is chosen.
  for (const form of document.querySelectorAll('form[data-instant]')) {
    form.addEventListener('change', () => {
      for (const field of form.querySelectorAll('select')) field.disabled = field.value === '';
      form.submit();
    });
    form.querySelector('button').hidden = true;
  }
  // Back from the next page, the filters can be used again.
  addEventListener('pageshow', () => {
    for (const field of document.querySelectorAll('select:disabled')) field.disabled = false;
  });

  const list = $('runs');
  if (list) {
    setInterval(async () => {
      if (document.hidden || list.contains(document.activeElement)) return;
      try {
        const answer = await fetch(location.href, { redirect: 'error' });
        if (!answer.ok) return;
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const runs = fresh.getElementById('runs');
        if (runs) list.replaceChildren(...runs.childNodes);
        count();
      } catch {}
    }, Number(list.dataset.refresh) * 1000);
  }

  const section = document.querySelector('section.log');
  if (!section) return;
  const log = $('log');
  const follow = $('follow');
  const connection = $('connection');
  // Blocks of this many lines: the browser skips those that nobody sees.
  const most = 200;
  let block = log.querySelector('pre');
  let lines = block.textContent.split('\n').length - 1;
  let queue = [];
  let next = Number(section.dataset.next);
  let source;
  let wait = 1000;

  const atEnd = () => scrollY + innerHeight >= document.documentElement.scrollHeight - 40;
  const toEnd = () => scrollTo(0, document.documentElement.scrollHeight);
  follow.closest('label').hidden = !('open' in section.dataset);
  follow.addEventListener('change', () => follow.checked && toEnd());
  addEventListener('wheel', (event) => {
    if (event.deltaY < 0) follow.checked = false;
    else if (atEnd()) follow.checked = true;
  }, { passive: true });

  const write = (text) => {
    for (let from = 0; from < text.length; ) {
      if (lines >= most) {
        block = log.appendChild(document.createElement('pre'));
        lines = 0;
      }
      let to = from;
      for (; lines < most && to < text.length; lines += 1) {
        const end = text.indexOf('\n', to);
        to = end < 0 ? text.length : end + 1;
      }
      block.append(text.slice(from, to));
      from = to;
    }
  };
  const draw = () => {
    const text = queue.join('');
    queue = [];
    if (text === '') return;
    $('silence')?.remove();
    write(text);
    if (follow.checked && source) toEnd();
  };
  const over = (text) => {
    source?.close();
    source = undefined;
    connection.textContent = text;
    $('cancel')?.remove();
    follow.closest('label').hidden = true;
  };

  function listen() {
    source = new EventSource(section.dataset.live + '?from=' + next);
    source.onopen = () => {
      wait = 1000;
      connection.textContent = 'Live';
    };
    source.addEventListener('log', (event) => {
      next = Number(event.lastEventId);
      if (queue.length === 0) requestAnimationFrame(draw);
      queue.push(JSON.parse(event.data));
    });
    source.addEventListener('run', (event) => {
      const isOpen = document.querySelector('#head details')?.open;
      $('head').innerHTML = JSON.parse(event.data);
      if (isOpen) document.querySelector('#head details').open = true;
      count();
    });
    source.addEventListener('end', () => {
      draw();
      over('Ended');
    });
    source.onerror = () => {
      connection.textContent = 'Connection lost; trying again';
      // What was refused is not tried again by the browser.
      if (source.readyState !== EventSource.CLOSED) return;
      source.close();
      setTimeout(listen, wait);
      wait = Math.min(wait * 2, 30000);
    };
  }

  const earlier = $('earlier');
  const all = earlier?.querySelector('button');
  if (all) {
    all.hidden = false;
    earlier.querySelector('a').hidden = true;
    all.addEventListener('click', () => {
      source?.close();
      earlier.remove();
      follow.checked = false;
      log.replaceChildren();
      block = log.appendChild(document.createElement('pre'));
      lines = 0;
      queue = [];
      next = 0;
      listen();
    });
  }
  // Hidden tabs draw no frames.
  document.addEventListener('visibilitychange', () => document.hidden || draw());
  if ('open' in section.dataset) listen();
})();
`;

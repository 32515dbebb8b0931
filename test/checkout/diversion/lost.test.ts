import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rejectionOf } from '../../support/rejection.ts';
import { type Ground, onGround } from './ground.ts';

const kept = { diversion_path: 'src' };
const files = { a: 'a', 'b/c': 'c' };
const earlier = { ...files, gone: 'x', 'b/gone': 'x', 'old/deep/f': 'x' };

const lost = suite('diversion: what was remembered of a folder is lost');

const manifestOf = ({ scene }: Ground): string => join(scene.cwd, '.src.slipway/manifest');
const forget = (ground: Ground): void => {
  for (const end of ['', '-wal', '-shm']) rmSync(manifestOf(ground) + end, { force: true });
};
function change(ground: Ground, statement: string): void {
  const manifest = new DatabaseSync(manifestOf(ground));
  manifest.exec(statement);
  manifest.close();
}

/** Keeps what its header says of the layout, and loses what stands behind. */
function damage(ground: Ground): void {
  const bytes = readFileSync(manifestOf(ground));
  writeFileSync(manifestOf(ground), bytes.fill(0xff, 4096));
}

const ways: Readonly<Record<string, (ground: Ground) => void>> = {
  'is removed': forget,
  'is no database': (ground) => writeFileSync(manifestOf(ground), 'no database, but long enough'),
  'is damaged': damage,
  'is a folder': (ground) => {
    forget(ground);
    mkdirSync(join(manifestOf(ground), 'in the way'), { recursive: true });
  },
  'holds a round beyond all numbers': (ground) =>
    change(ground, 'UPDATE rounds SET round = 9007199254740991'),
  'holds items of such a round': (ground) =>
    change(ground, 'UPDATE items SET round = 9223372036854775807'),
  'holds items of a round to come': (ground) => change(ground, 'UPDATE items SET round = 7000'),
  'holds names that are no text': (ground) =>
    change(ground, `UPDATE items SET path = CAST(path AS BLOB)`),
};
for (const [what, spoil] of Object.entries(ways)) {
  lost(`deploys nothing of an earlier commit when it ${what}`, () =>
    onGround({ files: earlier }, async (ground) => {
      const { fetch, fake } = ground;
      await fetch(kept);
      spoil(ground);
      fake.repo.commit(files);
      const before = fake.exchanges.length;
      assert.equal(await fetch(kept), files);
      assert.not(fake.exchanges.slice(before).includes('storage'), 'what is there is kept');
      assert.equal(await fetch(kept), files);
    }),
  );
}

lost('says what it has removed', () =>
  onGround({ files: earlier }, async (ground) => {
    const { fetch, fake, scene } = ground;
    await fetch(kept);
    forget(ground);
    fake.repo.commit(files);
    await fetch(kept);
    const [line = ''] = scene.notes.at('warn');
    assert.match(line, /remembered of .*src is lost: 3 items were removed there/);
  }),
);

lost('does not forget that when the first run after it fails', () =>
  onGround({ files: earlier }, async (ground) => {
    const { fetch, fake } = ground;
    await fetch(kept);
    forget(ground);
    fake.repo.commit({ ...files, odd: { body: 'x', said: { sha: 'f'.repeat(40) } } });
    await rejectionOf(fetch(kept));
    fake.repo.commit(files);
    assert.equal(await fetch(kept), files);
  }),
);

lost('removes names that are no text, and nothing through a link', () =>
  onGround({ files }, async (ground) => {
    const { fetch, scene } = ground;
    await fetch(kept);
    forget(ground);
    const theirs = join(scene.cwd, 'theirs');
    mkdirSync(theirs);
    writeFileSync(join(theirs, 'precious'), 'mine');
    symlinkSync(theirs, join(scene.cwd, 'src/way'));
    const odd = Buffer.concat([Buffer.from(join(scene.cwd, 'src/')), Buffer.from([0xe9])]);
    writeFileSync(odd, 'x');
    assert.equal(await fetch(kept), files);
    assert.not(existsSync(odd));
    assert.ok(existsSync(join(theirs, 'precious')));
  }),
);

for (const [what, make] of Object.entries({ 'a link': symlinkSync, 'a second name': linkSync })) {
  lost(`writes nothing through ${what} of another's file`, () =>
    onGround({ files }, async (ground) => {
      const victim = join(ground.scene.cwd, 'victim');
      writeFileSync(victim, '');
      mkdirSync(join(ground.scene.cwd, '.src.slipway'));
      make(victim, manifestOf(ground));
      assert.equal(await ground.fetch(kept), files);
      assert.is(readFileSync(victim, 'latin1'), '');
    }),
  );
}

lost.run();

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionJobImage } from '../../src/jobs/contract.js';
import { type ImageSourceOptions, ImageSources } from '../../src/jobs/image-sources.js';
import { checkedLookup, isPublicAddress } from '../../src/jobs/public-address.js';

let folder: string;
let root: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legenda-sources-'));
  root = join(folder, 'root');
  await mkdir(join(root, 'sub'), { recursive: true });
  await writeFile(join(root, 'a.jpg'), 'a');
  await writeFile(join(root, '..b.jpg'), 'b');
  await writeFile(join(folder, 'secret.jpg'), 's');
  await symlink(join(folder, 'secret.jpg'), join(root, 'out.jpg'));
  await symlink(folder, join(root, 'up'));
  await symlink('../a.jpg', join(root, 'sub', 'within.jpg'));
  await symlink(join(folder, 'nothing.jpg'), join(root, 'out-to-nothing.jpg'));
  await symlink('up/nothing.jpg', join(root, 'sideways-to-nothing.jpg'));
  await symlink('sub/nothing.jpg', join(root, 'within-to-nothing.jpg'));
  await symlink('loop.jpg', join(root, 'loop.jpg'));
  await symlink(root, join(folder, 'link'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(
  image: CaptionJobImage,
  options: ImageSourceOptions = {},
  signal = new AbortController().signal,
) {
  const sources = await ImageSources.open(options);
  return sources.image(image).open(signal);
}

describe('a path', () => {
  it.each([
    ['below a folder that is allowed', 'a.jpg', 'a.jpg'],
    ['written in another way', 'sub/../a.jpg', 'a.jpg'],
    ['whose name begins with dots', '..b.jpg', '..b.jpg'],
    ['of a link within the folder', 'sub/within.jpg', 'a.jpg'],
  ])('%s is read', async (_, path, real) => {
    expect(await open({ path }, { roots: [folder, root] })).toBe(join(root, real));
    expect(await open({ path: join(root, path) }, { roots: [root] })).toBe(join(root, real));
  });

  it.each([
    ['leads out', '../secret.jpg'],
    ['leads out on the way', 'sub/../../root/../secret.jpg'],
    ['is elsewhere', '/etc/passwd'],
    ['is a link that leads out', 'out.jpg'],
    ['goes through a folder that leads out', 'up/secret.jpg'],
    ['is the folder itself', '.'],
    ['has a zero byte', 'a.jpg\0.png'],
    ['begins as the folder does', '../root-2/a.jpg'],
  ])('that %s is refused', async (_, path) => {
    await expect(open({ path }, { roots: [root] })).rejects.toMatchObject({ code: 'PATH_FORBIDDEN' });
  });

  it('outside is refused alike whether it exists or not', async () => {
    const refused = async (path: string) => {
      const error = await open({ path }, { roots: [root] }).catch((error: Error) => error);
      return (error as Error).message.replace(path, '');
    };
    const expected = await refused('../secret.jpg');
    expect(expected).toContain('a folder that is allowed');
    const others = ['../nothing.jpg', 'out.jpg', 'out-to-nothing.jpg', 'sideways-to-nothing.jpg'];
    for (const other of [...others, 'up/nothing.jpg', 'up/secret.jpg/x', join(root, 'up/no/nothing.jpg')])
      expect(await refused(other)).toBe(expected);
  });

  it.each(['b.jpg', 'sub/b.jpg', 'within-to-nothing.jpg'])(
    'that does not exist is told as such: %s',
    async (path) => {
      await expect(open({ path }, { roots: [root] })).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    },
  );

  it('whose links lead in a circle is told as one that cannot be read', async () => {
    const read = open({ path: 'loop.jpg' }, { roots: [root] });
    await expect(read).rejects.toMatchObject({ code: 'IMAGE_UNREADABLE' });
  });

  it.each(['', 'sub'])(
    'below a folder that is allowed by way of a link is read as it is written: %s',
    async (below) => {
      const path = join(folder, 'link', 'sub', 'within.jpg');
      expect(await open({ path }, { roots: [join(folder, 'link', below), root] })).toBe(join(root, 'a.jpg'));
      const out = join(folder, 'link', 'out.jpg');
      const read = open({ path: out }, { roots: [join(folder, 'link', below)] });
      await expect(read).rejects.toMatchObject({ code: 'PATH_FORBIDDEN' });
    },
  );

  it('is refused where no folder is allowed, and a folder that does not exist at the start', async () => {
    await expect(open({ path: 'a.jpg' })).rejects.toMatchObject({ code: 'PATH_FORBIDDEN' });
    await expect(ImageSources.open({ roots: [join(folder, 'no')] })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('an IP address', () => {
  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...[
      '168.63.129.16',
      '224.0.0.1',
      '255.255.255.255',
      '198.18.0.1',
      '::1',
      '::',
      'fe80::1',
      'fd00:ec2::254',
    ],
    ...[
      '::ffff:127.0.0.1',
      '::127.0.0.1',
      '::7f00:1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      'ff02::1',
      'localhost',
      '',
    ],
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('an address', () => {
  let server: Server;
  let home: string;
  const answers = new Map<string, RequestListener>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = answers.get(request.url ?? '');
      if (answer === undefined) response.writeHead(404).end();
      else answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    home = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const to =
      (location: string): RequestListener =>
      (_, response) =>
        response.writeHead(302, { location }).end();
    answers.set('/a.jpg', (_, response) => response.end('the photo'));
    answers.set('/1', to('/2')).set('/2', to('/3')).set('/3', to('/a.jpg')).set('/0', to('/1'));
    answers.set('/file', to('file:///etc/passwd'));
    answers.set('/secret', to('http://user:password@127.0.0.1/'));
    answers.set('/silent', () => {});
    answers.set('/slow', (_, response) => response.write('a'));
    answers.set('/says-large', (_, response) =>
      response.writeHead(200, { 'content-length': 1e9 }).write('a'),
    );
    answers.set('/is-large', (_, response) => response.end('a'.repeat(2000)));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const allowed = { allowUrls: true, allowPrivateAddresses: true, mostBytes: 1000, timeout: 10_000 };

  it('is fetched where that is allowed, by three redirects at most', async () => {
    expect(Buffer.from((await open({ url: `${home}/a.jpg` }, allowed)) as Uint8Array).toString()).toBe(
      'the photo',
    );
    expect(await open({ url: `${home}/1` }, allowed)).toHaveLength(9);
    await expect(open({ url: `${home}/0` }, allowed)).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED' });
  });

  it('is refused unless addresses are allowed, and a private one unless those are', async () => {
    const url = `${home}/a.jpg`;
    await expect(open({ url })).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
    for (const private_ of [
      url,
      url.replace('127.0.0.1', 'localhost'),
      'http://2130706433/',
      'http://[::1]/',
    ]) {
      const refused = open({ url: private_ }, { allowUrls: true });
      await expect(refused).rejects.toMatchObject({ code: 'URL_FORBIDDEN' });
    }
  });

  it.each([
    ['leads to a file', '/file', 'URL_FORBIDDEN'],
    ['leads to one with a password', '/secret', 'URL_FORBIDDEN'],
    ['is not there', '/nothing', 'DOWNLOAD_FAILED'],
    ['is larger than allowed', '/is-large', 'IMAGE_TOO_LARGE'],
    ['says that it is larger than allowed', '/says-large', 'IMAGE_TOO_LARGE'],
  ])('that %s is refused', async (_, path, code) => {
    await expect(open({ url: home + path }, allowed)).rejects.toMatchObject({ code });
  });

  it.each(['/silent', '/slow'])('that does not answer to the end is given up: %s', async (path) => {
    const waiting = open({ url: home + path }, { ...allowed, timeout: 200 });
    await expect(waiting).rejects.toMatchObject({
      code: 'DOWNLOAD_FAILED',
      received: expect.stringMatching('0.2 s'),
    });
    const leaving = new AbortController();
    const left = open({ url: home + path }, allowed, leaving.signal);
    leaving.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
  });

  it('is not repeated with what may be secret in it', async () => {
    const error = await open({ url: `${home}/nothing?key=secret` }, allowed).catch((error: Error) => error);
    expect((error as Error).message).not.toContain('secret');
  });

  it('is looked up once: the connection goes to the address that was checked, whatever the name says by then', async () => {
    const lookup = await checkedLookup(new URL('http://127.0.0.1/'), true, new AbortController().signal);
    const found = await new Promise((resolve) =>
      lookup('another.example', { all: true }, (_, addresses) => resolve(addresses)),
    );
    expect(found).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });

  it('lets others go on when the places for fetched images are taken and given back', async () => {
    const sources = await ImageSources.open(allowed);
    const { signal } = new AbortController();
    const images = Array.from({ length: 40 }, () => sources.image({ url: `${home}/a.jpg` }));
    let open = 0;
    let most = 0;
    await Promise.all(
      images.map(async (image) => {
        await image.open(signal);
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
        open--;
        image.close?.();
      }),
    );
    expect(most).toBeLessThanOrEqual(32);
  });
});

describe('base64', () => {
  it('gives the bytes, up to as many as are allowed', async () => {
    const image = (length: number) => ({ base64: Buffer.alloc(length, 7).toString('base64') });
    expect(await open(image(999), { mostBytes: 1000 })).toHaveLength(999);
    expect(await open(image(1000), { mostBytes: 1000 })).toHaveLength(1000);
    await expect(open(image(1004), { mostBytes: 1000 })).rejects.toMatchObject({ code: 'IMAGE_TOO_LARGE' });
  });
});

describe("an image's row", () => {
  it('is called by its id, else its path or address, else bytes', async () => {
    const sources = await ImageSources.open();
    const names = [{ id: 'i', path: 'p' }, { path: 'p' }, { url: 'http://u' }, { base64: 'aaaa' }].map(
      (image) => sources.image(image).name,
    );
    expect(names).toEqual(['i', 'p', 'http://u', 'bytes']);
  });
});

import {
  DUMMY_HASH,
  generatePassword,
  hashPassword,
  verifyPassword,
} from '../../../core/operators/passwords';

it('draws passwords that can be read out, of 100 random bits', () => {
  const drawn = Array.from({ length: 200 }, generatePassword);
  for (const password of drawn) expect(password).toMatch(/^[a-km-np-z2-9]{5}(?:-[a-km-np-z2-9]{5}){3}$/);
  expect(new Set(drawn).size).toBe(200);
});

it('knows a password by its hash, which costs 64 MB to try and holds a salt of its own', async () => {
  const [one, two] = [await hashPassword('the same'), await hashPassword('the same')];
  expect(one).toMatch(/^scrypt\$65536\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword('the same', one)).toBe(true);
  expect(await verifyPassword('the Same', one)).toBe(false);
  expect(await verifyPassword('', one)).toBe(false);
});

it('goes by the cost a hash was made with, so that it may be raised later', async () => {
  const cheap = 'scrypt$1024$8$1$AAAAAAAAAAAAAAAAAAAAAA$nogXlqB9iXmZ9Nm7wtBgyxYOH8IiVywiSsaFTP10wM0';
  expect(await verifyPassword('abc', cheap)).toBe(true);
  expect(await verifyPassword('abd', cheap)).toBe(false);
});

it('compares nobody with a hash that costs as much and that no password has', async () => {
  expect(DUMMY_HASH).toMatch(/^scrypt\$65536\$8\$1\$A{22}\$A{43}$/);
  expect(await verifyPassword('', DUMMY_HASH)).toBe(false);
});

it('looks at two at once with sixteen waiting, and sends a flood away at once', async () => {
  const tries = Array.from({ length: 21 }, () =>
    verifyPassword('guess', DUMMY_HASH).catch(({ code }) => code),
  );
  const first = await Promise.race(tries.map(async (one, i) => [i, await one] as const));
  expect(first[1]).toBe('rate_limited');
  const answers = await Promise.all(tries);
  expect(answers.filter((answer) => answer === 'rate_limited')).toHaveLength(3);
  expect(answers.filter((answer) => answer === false)).toHaveLength(18);
});

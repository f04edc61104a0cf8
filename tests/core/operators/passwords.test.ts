import { dummyHash, generatePassword, hashPassword, verifyPassword } from '../../../core/operators/passwords';

it('generates passwords of 100 random bits that can be read out', () => {
  const passwords = Array.from({ length: 200 }, generatePassword);
  for (const password of passwords) expect(password).toMatch(/^[a-km-np-z2-9]{5}(?:-[a-km-np-z2-9]{5}){3}$/);
  expect(new Set(passwords).size).toBe(200);
});

it('verifies a password by a hash that costs 64 MB per guess and has its own salt', async () => {
  const [one, two] = [await hashPassword('the same'), await hashPassword('the same')];
  expect(one).toMatch(/^scrypt\$65536\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
  expect(one).not.toBe(two);
  expect(await verifyPassword('the same', one)).toBe(true);
  expect(await verifyPassword('the Same', one)).toBe(false);
  expect(await verifyPassword('', one)).toBe(false);
});

it('uses the cost a hash was made with, so that the cost may be raised later', async () => {
  const cheap = 'scrypt$1024$8$1$AAAAAAAAAAAAAAAAAAAAAA$nogXlqB9iXmZ9Nm7wtBgyxYOH8IiVywiSsaFTP10wM0';
  expect(await verifyPassword('abc', cheap)).toBe(true);
  expect(await verifyPassword('abd', cheap)).toBe(false);
});

it('has a dummy hash that costs as much and fits no password', async () => {
  expect(dummyHash()).toMatch(/^scrypt\$65536\$8\$1\$A{22}\$A{43}$/);
  expect(await verifyPassword('', dummyHash())).toBe(false);
});

it('checks two at once with sixteen waiting, and refuses the rest at once', async () => {
  const cheapHash = dummyHash({ N: 2 ** 10, r: 8, p: 1 });
  const tries = Array.from({ length: 21 }, () =>
    verifyPassword('guess', cheapHash).catch(({ code }) => code),
  );
  const first = await Promise.race(tries.map(async (one, i) => [i, await one] as const));
  expect(first[1]).toBe('rate_limited');
  const answers = await Promise.all(tries);
  expect(answers.filter((answer) => answer === 'rate_limited')).toHaveLength(3);
  expect(answers.filter((answer) => answer === false)).toHaveLength(18);
});

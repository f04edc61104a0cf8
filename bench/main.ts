import { drainSms } from './drain';
import { openEnvironment } from './environment';

async function main() {
  const env = await openEnvironment();
  try {
    const n = Number(process.argv[2] ?? 200000);
    const t = Date.now();
    const r = await drainSms(env, n);
    process.stdout.write(`${JSON.stringify(r)} ${Math.round(n / r.seconds)}/s total ${Date.now() - t}\n`);
    const q = await env.db.query(`select state, count(*) from alerts group by 1`);
    process.stdout.write(`${JSON.stringify(q)}\n`);
  } finally {
    await env.close();
  }
}
main();

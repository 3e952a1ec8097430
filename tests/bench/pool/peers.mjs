// node's pg-pool. Arguments: a connection URL, the number of sessions and of tasks that share them. Prints its version,
// then for each line of standard input, "MS", how many microseconds a SELECT 1 through the pool took over all tasks.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import pg from 'pg';  // run copies this beside the packages, in the build folder

const [url, size] = [process.argv[2], Number(process.argv[3])];
const pool = new pg.Pool({ connectionString: url, max: size });

async function task(end) {
  let count = 0;
  do {
    const result = await pool.query({ name: 'one', text: 'SELECT $1::int4 AS one', values: [1] });  // prepared, once a session
    if (result.rows[0].one !== 1) throw new Error('SELECT 1 is not 1');
    count++;
  } while (performance.now() < end);
  return count;
}

async function measure(ms) {
  const began = performance.now();
  const counts = await Promise.all(Array.from({ length: size }, () => task(began + ms)));
  return ((performance.now() - began) * 1000) / counts.reduce((a, b) => a + b);
}

await measure(2000);  // the compiler has seen the way by then
const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
console.log(`pg-pool ${version('pg-pool')}, pg ${version('pg')}, node ${process.versions.node}`);
for await (const line of createInterface({ input: process.stdin })) console.log(await measure(Number(line)));
await pool.end();

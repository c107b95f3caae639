// The original API under load: POST /deposit, POST /withdraw, GET /balance/:user_id and
// GET /statement/:user_id, mixed. `make load` runs it and then audits the books.
//
//   BASE_URL  of the API, http://127.0.0.1:8080 by default
//   VUS       clients that ask again as soon as they are answered, 32 by default
//   DURATION  of the mix, as k6 writes it, 30s by default
//   USERS     accounts, each opened by a deposit before the clock starts, 1000 by default
//   SUMMARY   file for the figures as JSON; they are printed where there is none

import exec from 'k6/execution';
import http from 'k6/http';
import { check, fail } from 'k6';
import { Counter, Gauge, Trend } from 'k6/metrics';

const BASE_URL = __ENV.BASE_URL || 'http://127.0.0.1:8080';
const USERS = Number(__ENV.USERS || 1000);
const TIMEOUT = '10s';
const WAITS = 30; // of up to two seconds, each on the server
const STATEMENT_ENTRIES = 50; // the default of `limit`

// Amounts are minor units here and become exact decimals in the bodies.
const OPENING = 100000;
const MOST = 20000;
// More than anybody has, so it is rejected, later, by the processor. No more than that: the sums
// below are JavaScript's numbers, and exact up to 2^53.
const OVERDRAW = 1000000000;
const MIX = [
  deposit, withdraw, balance, deposit, overdraw, deposit, statement, withdraw, deposit, balance,
];

// Refusals and failed reads are told apart by status; 0 is no answer.
const STATUSES = [0, 400, 404, 405, 408, 413, 415, 417, 422, 429, 500, 502, 503, 504];
const OTHER = 'other';

const opened = new Counter('opened');
const sent = new Counter('sent');
const accepted = new Counter('accepted');
const unknown = new Counter('unknown');
const reads = new Counter('reads');
const acceptedMinorUnits = {
  deposit: new Counter('accepted_deposit_minor_units'),
  withdraw: new Counter('accepted_withdraw_minor_units'),
};
const refused = countersByStatus('refused');
const failedReads = countersByStatus('failed_reads');
const postMs = new Trend('post_ms', true);
const readMs = new Trend('read_ms', true);
const mixSeconds = new Gauge('mix_seconds');

export const options = {
  scenarios: {
    mix: {
      executor: 'constant-vus',
      vus: Number(__ENV.VUS || 32),
      duration: __ENV.DURATION || '30s',
      gracefulStop: '15s', // longer than TIMEOUT: every request has its outcome
    },
  },
  setupTimeout: '120s',
  systemTags: ['name', 'status', 'check', 'group'],
  summaryTrendStats: ['med', 'p(95)', 'p(99)', 'max'],
  batch: 32,
  batchPerHost: 32,
};

// Every account is opened, and posted, before the mix begins: a read of it that fails is a failure.
export function setup() {
  for (let first = 0; first < USERS; first += 100) {
    const users = range(first, Math.min(first + 100, USERS));
    sent.add(users.length);
    opened.add(users.length);
    const answers = http.batch(users.map((user) => post('deposit', user, OPENING)));
    answers.forEach((answer) => count(answer, 'deposit', OPENING));
    awaitPosted(users, answers);
  }
  return { began: Date.now() };
}

export default function () {
  const step = MIX[exec.scenario.iterationInTest % MIX.length];
  try {
    step(`load-${random(USERS)}`);
  } catch (error) {
    console.error(`${step.name}: ${error}`);
    check(error, { 'an answer can be understood': () => false });
  }
}

export function teardown(data) {
  mixSeconds.add((Date.now() - data.began) / 1000);
}

export function handleSummary(data) {
  const json = JSON.stringify(figures(data), null, 2) + '\n';
  return { [__ENV.SUMMARY || 'stdout']: json };
}

// -- What a client does

function deposit(user) {
  submit('deposit', user, 1 + random(MOST));
}

function withdraw(user) {
  submit('withdraw', user, 1 + random(MOST));
}

function overdraw(user) {
  submit('withdraw', user, OVERDRAW);
}

function submit(type, user, minorUnits) {
  const { method, url, body, params } = post(type, user, minorUnits);
  sent.add(1);
  const answer = http.request(method, url, body, params);
  time(postMs, answer);
  count(answer, type, minorUnits);
}

function balance(user) {
  const body = read('balance', user);
  if (body === null) return;
  check(body, {
    'a balance names its account': () => body.user_id === user && body.currency === 'USD',
    'what is available is the balance less what is held': () =>
      minor(body.available) === minor(body.balance) - minor(body.held),
    'nobody is below zero': () => minor(body.available) >= 0,
    'an account that was posted to has a sequence': () => body.sequence > 0,
  });
}

function statement(user) {
  const body = read('statement', user);
  if (body === null) return;
  const entries = body.entries;
  check(body, {
    'a statement names its account': () => body.user_id === user && body.currency === 'USD',
    'a statement has its entries': () => entries.length > 0 && entries.length <= STATEMENT_ENTRIES,
    'a statement closes with its newest entry': () =>
      body.closing_balance === entries[0].balance_after,
    'each entry follows from the one before': () => entries.every(follows),
  });
}

function read(what, user) {
  reads.add(1);
  const answer = http.get(`${BASE_URL}/${what}/${user}`, asked(`GET /${what}`));
  time(readMs, answer);
  if (answer.status === 200) return answer.json();
  byStatus(failedReads, answer.status).add(1);
  return null;
}

function time(trend, answer) {
  if (answer.status !== 0) trend.add(answer.timings.duration);
}

// -- What became of a command

function count(answer, type, minorUnits) {
  if (answer.status === 202) {
    accepted.add(1);
    acceptedMinorUnits[type].add(minorUnits);
    checkReceipt(answer.json(), answer.headers.Location);
  } else if (answer.status === 0 || mayHaveBeenAccepted(answer)) {
    unknown.add(1);
  } else {
    byStatus(refused, answer.status).add(1);
  }
}

function mayHaveBeenAccepted(answer) {
  return answer.status === 503 && answer.json('may_have_been_accepted') === true;
}

function checkReceipt(receipt, location) {
  check(receipt, {
    'a receipt says pending': () => receipt.status === 'pending',
    'a receipt has a transaction id': () => /^[0-9a-f-]{36}$/.test(receipt.transaction_id),
    'a receipt has a position': () => /^\d+:\d+$/.test(receipt.position),
    'a receipt says where to look': () =>
      location === `/transactions/${receipt.transaction_id}?position=${receipt.position}`,
  });
}

function awaitPosted(users, answers) {
  let awaited = users
    .map((user, index) => ({ user, answer: answers[index] }))
    .filter(({ answer }) => answer.status === 202)
    .map(({ user, answer }) => [
      'GET',
      `${BASE_URL}/balance/${user}?position=${answer.json('position')}`,
      null,
      asked('GET /balance?position'),
    ]);
  for (let wait = 0; awaited.length > 0; wait += 1) {
    if (wait === WAITS) fail(`${awaited.length} accounts could not be opened`);
    const found = http.batch(awaited);
    awaited = awaited.filter((_, index) => found[index].status !== 200);
  }
}

// -- Small change

function post(type, user, minorUnits) {
  return {
    method: 'POST',
    url: `${BASE_URL}/${type}`,
    body: `{"user_id":"${user}","amount":${(minorUnits / 100).toFixed(2)}}`,
    params: asked(`POST /${type}`),
  };
}

function asked(name) {
  return { headers: { 'Content-Type': 'application/json' }, tags: { name }, timeout: TIMEOUT };
}

// NaN equals nothing, not even itself, so a check on an amount of another shape fails.
function minor(amount) {
  return /^-?\d+\.\d{2}$/.test(amount) ? Number(amount.replace('.', '')) : NaN;
}

// Newest first: the entry's balance less its amount is the next one's balance.
function follows(entry, index, entries) {
  const before = minor(entry.balance_after) - minor(entry.amount);
  const next = entries[index + 1];
  if (next === undefined) return entry.sequence > 1 || before === 0;
  return next.sequence === entry.sequence - 1 && minor(next.balance_after) === before;
}

function random(below) {
  return Math.floor(Math.random() * below);
}

function range(first, end) {
  return Array.from({ length: end - first }, (_, index) => `load-${first + index}`);
}

function countersByStatus(name) {
  return Object.fromEntries(
    [...STATUSES, OTHER].map((status) => [status, new Counter(`${name}_${status}`)]),
  );
}

function byStatus(counters, status) {
  return counters[status] || counters[OTHER];
}

// -- The figures

function figures(data) {
  const values = (name) => (data.metrics[name] ? data.metrics[name].values : {});
  const total = (name) => values(name).count || 0;
  const totalsByStatus = (name) =>
    Object.fromEntries(
      [...STATUSES, OTHER]
        .map((status) => [status, total(`${name}_${status}`)])
        .filter(([, times]) => times > 0),
    );
  const latency = (name) => {
    const { med = 0, 'p(95)': p95 = 0, 'p(99)': p99 = 0, max = 0 } = values(name);
    return { p50: med, p95, p99, max };
  };
  return {
    seconds: values('mix_seconds').value || 0,
    opened: total('opened'),
    sent: total('sent'),
    accepted: total('accepted'),
    refused: totalsByStatus('refused'),
    unknown: total('unknown'),
    accepted_minor_units: {
      deposit: total('accepted_deposit_minor_units'),
      withdraw: total('accepted_withdraw_minor_units'),
    },
    reads: total('reads'),
    failed_reads: totalsByStatus('failed_reads'),
    post_ms: latency('post_ms'),
    read_ms: latency('read_ms'),
    failed_checks: Object.fromEntries(
      data.root_group.checks.filter((one) => one.fails > 0).map((one) => [one.name, one.fails]),
    ),
  };
}

// The API under load: the original four calls (POST /deposit, POST /withdraw, GET /balance/:user_id,
// GET /statement/:user_id), transfers, holds with their captures and voids, and batches, mixed.
// `make load` runs it and then audits the books.
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
const USERS = Math.max(2, Number(__ENV.USERS || 1000)); // a transfer takes two
const TIMEOUT = '10s';
const WAITS = 30; // of up to two seconds, each on the server
const STATEMENT_ENTRIES = 50; // the default of `limit`

// Amounts are minor units here and become exact decimals in the bodies.
const OPENING = 100000;
const MOST = 20000;
// More than anybody has, so it is rejected, later, by the processor. No more than that: the sums
// below are JavaScript's numbers, and exact up to 2^53.
const OVERDRAW = 1000000000;
// Of every other hold: those that nobody ended expire while the load goes on.
const HOLD_SECONDS = 5;
const MIX = [
  deposit, withdraw, balance, transfer, overdraw, deposit, hold, statement, withdraw, endHold,
  deposit, transfer, balance, hold, batch, endHold,
];
const MONEY = ['deposit', 'withdraw', 'transfer', 'hold'];

// Refusals and failed reads are told apart by status; 0 is no answer.
const STATUSES = [0, 400, 404, 405, 408, 413, 415, 417, 422, 429, 500, 502, 503, 504];
const OTHER = 'other';

const opened = new Counter('opened');
const sent = new Counter('sent');
const accepted = new Counter('accepted');
const unknown = new Counter('unknown');
const reads = new Counter('reads');
const acceptedMinorUnits = Object.fromEntries(
  MONEY.map((type) => [type, new Counter(`accepted_${type}_minor_units`)]),
);
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
    const answers = http.batch(users.map((user) => post('deposit', money(user, OPENING))));
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

const holds = []; // of this client, that it has not ended yet

function deposit(user) {
  const amount = 1 + random(MOST);
  submit('deposit', money(user, amount), amount);
}

function withdraw(user) {
  const amount = 1 + random(MOST);
  submit('withdraw', money(user, amount), amount);
}

function overdraw(user) {
  submit('withdraw', money(user, OVERDRAW), OVERDRAW);
}

function transfer(user) {
  const amount = 1 + random(MOST);
  submit('transfer', leg(user, amount), amount);
}

function hold(user) {
  const amount = 1 + random(MOST);
  const limit = holds.length % 2 === 0 ? {} : { expires_in: HOLD_SECONDS };
  const answer = submit('hold', { ...money(user, amount), ...limit }, amount);
  if (answer.status === 202) holds.push(answer.json('transaction_id'));
}

// Nobody waits for the hold to be placed: what is said of it queues behind it.
function endHold(user) {
  if (holds.length === 0) return hold(user);
  const ends = random(2) === 0 ? 'capture' : 'void';
  return submit(`hold/${holds.shift()}/${ends}`, {}, 0);
}

function batch(user) {
  const amount = 1 + random(MOST);
  const items = [
    { type: 'deposit', ...money(user, amount) },
    { type: 'transfer', ...leg(user, amount) },
  ];
  sent.add(items.length);
  const { method, url, body, params } = post('batch', items);
  const answer = http.request(method, url, body, params);
  time(postMs, answer);
  const results = answer.status === 202 ? answer.json('results') : [];
  items.forEach((item, index) => countItem(answer, results[index], item.type, amount));
}

function submit(path, body, minorUnits) {
  const request = post(path, body);
  sent.add(1);
  const answer = http.request(request.method, request.url, request.body, request.params);
  time(postMs, answer);
  count(answer, path, minorUnits);
  return answer;
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
    if (minorUnits > 0) acceptedMinorUnits[type].add(minorUnits);
    checkReceipt(answer.json(), answer.headers.Location);
  } else if (answer.status === 0 || mayHaveBeenAccepted(answer)) {
    unknown.add(1);
  } else {
    byStatus(refused, answer.status).add(1);
  }
}

// A batch is answered for as a whole where it was not accepted at all.
function countItem(answer, result, type, minorUnits) {
  if (result === undefined) {
    count(answer, type, minorUnits);
  } else if (result.http_status === 202) {
    accepted.add(1);
    acceptedMinorUnits[type].add(minorUnits);
  } else if (result.http_status === 503 && result.body.may_have_been_accepted === true) {
    unknown.add(1);
  } else {
    byStatus(refused, result.http_status).add(1);
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

function post(path, body) {
  const name = path.startsWith('hold/') ? `hold/:id/${path.split('/')[2]}` : path;
  return {
    method: 'POST',
    url: `${BASE_URL}/${path}`,
    body: JSON.stringify(body),
    params: asked(`POST /${name}`),
  };
}

function money(user, minorUnits) {
  return { user_id: user, amount: Number((minorUnits / 100).toFixed(2)) };
}

function leg(user, minorUnits) {
  const number = Number(user.split('-')[1]);
  const other = `load-${(number + 1 + random(USERS - 1)) % USERS}`;
  return { from_user_id: user, to_user_id: other, amount: (minorUnits / 100).toFixed(2) };
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
    accepted_minor_units: Object.fromEntries(
      MONEY.map((type) => [type, total(`accepted_${type}_minor_units`)]),
    ),
    reads: total('reads'),
    failed_reads: totalsByStatus('failed_reads'),
    post_ms: latency('post_ms'),
    read_ms: latency('read_ms'),
    failed_checks: Object.fromEntries(
      data.root_group.checks.filter((one) => one.fails > 0).map((one) => [one.name, one.fails]),
    ),
  };
}

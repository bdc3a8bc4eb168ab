import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LoadDeps } from '../../../src/policy/load.ts'
import { type Edits, findingsOf, swap } from '../../support/policy-folder.ts'

type Seed = {
  readonly promise: string
  readonly edits?: Edits
  readonly deps?: Partial<LoadDeps>
  readonly finds: readonly string[]
}

const api = (from: string, to: string): Edits => ({ 'apis/shop.yaml': swap(from, to) })
const erp = (from: string, to: string): Edits => ({ 'erps/erp-one.yaml': swap(from, to) })
const till = (from: string, to: string): Edits => ({ 'consumers/till.yaml': swap(from, to) })
const HANDLERS = ['getThing', 'findThings', 'queryThings', 'makeThing']

// Each seeds one mistake into a set that has none, and expects that finding and no other.
const SEEDS: readonly Seed[] = [
  { promise: 'a set without mistakes has no finding', finds: [] },
  {
    promise: 'an operation without a policy is told at the contract',
    edits: api(
      '      makeThing:\n        scopes: [shop:write]\n        cost: { base: 5 }\n        timeoutMs: 5000\n        maxBodyBytes: 32768\n        cache: none\n        idempotency: none\n',
      '',
    ),
    finds: [
      'openapi/shop.v2.yaml:14:20 error operation-without-policy: no policy governs makeThing',
    ],
  },
  {
    promise: 'what changes something says how a second call is known for the first',
    edits: api('        idempotency: none\n', ''),
    finds: [
      'policies/apis/shop.yaml:36:7 error idempotency-not-said: makeThing changes something: say idempotency: required, or none where asking twice does no harm',
    ],
  },
  {
    promise: 'a key that the policy asks for is one that the contract tells of',
    edits: api('idempotency: none', 'idempotency: required'),
    finds: [
      'policies/apis/shop.yaml:36:7 error idempotency-not-in-contract: openapi/shop.v2.yaml does not ask callers of makeThing for an Idempotency-Key, the policy says required',
    ],
  },
  {
    promise: 'a plan that alone can use up what an ERP bears is told',
    edits: {
      'erps/erp-one.yaml': text => `${text}budget: { perSecond: 15 }\n`,
    },
    finds: [
      'policies/plans.yaml:2:3 warning plan-over-erp-budget: plan "gold" grants 100 a second of getThing, which is not cached; an ERP bears 15 a second',
      'policies/plans.yaml:8:3 warning plan-over-erp-budget: plan "open" grants any number of getThing, which is not cached; an ERP bears 15 a second',
    ],
  },
  {
    promise: 'a policy without an operation is told, with what was meant',
    edits: api('      getThing:', '      getThings:'),
    finds: [
      'openapi/shop.v1.yaml:10:20 error operation-without-policy: no policy governs getThing',
      'policies/apis/shop.yaml:12:7 error policy-without-operation: openapi/shop.v1.yaml has no operation "getThings", did you mean "getThing"?',
    ],
  },
  {
    promise: 'an operation that nothing serves is told',
    deps: { handlers: new Set(HANDLERS.slice(1)) },
    finds: ['openapi/shop.v1.yaml:10:20 error operation-without-handler: nothing serves getThing'],
  },
  {
    promise: 'a handler that no contract knows is told',
    deps: { handlers: new Set([...HANDLERS, 'findThink']) },
    finds: [
      'src/operations/operations.ts:1:1 error handler-without-operation: no contract has the operation "findThink", did you mean "findThings"?',
    ],
  },
  {
    promise: 'an API that no contract defines is told',
    edits: { 'apis/shop.yaml': text => text.replace('api: shop', 'api: shp') },
    finds: [
      'openapi/shop.v1.yaml:1:1 error operation-without-policy: no policy governs shop v1 (openapi/shop.v1.yaml)',
      'openapi/shop.v2.yaml:1:1 error operation-without-policy: no policy governs shop v2 (openapi/shop.v2.yaml)',
      'policies/apis/shop.yaml:1:1 error policy-without-contract: no contract defines the API "shp", did you mean "shop"?',
    ],
  },
  {
    promise: 'a scope that the contract does not tell of is refused',
    edits: api('scopes: [shop:write]', 'scopes: [shop:write, shop:read]'),
    finds: [
      'policies/apis/shop.yaml:37:9 error scope-not-in-contract: openapi/shop.v2.yaml does not tell callers that makeThing needs "shop:read"',
    ],
  },
  {
    promise: 'a scope that the contract promises must be asked for',
    edits: api('scopes: [shop:write]', 'scopes: []'),
    finds: [
      'policies/apis/shop.yaml:37:9 error scope-not-enforced: openapi/shop.v2.yaml says that makeThing needs "shop:write", but the policy does not ask for it',
    ],
  },
  {
    promise: 'a cache longer than the contract promises is refused',
    edits: api('staleWhileRevalidateSeconds: 30', 'staleWhileRevalidateSeconds: 50'),
    finds: [
      'policies/apis/shop.yaml:25:9 error cache-ttl-over-max: ttlSeconds with its jitter + staleWhileRevalidateSeconds is 61; the contract of findThings promises at most 60',
      'policies/apis/shop.yaml:35:9 error cache-ttl-over-max: ttlSeconds with its jitter + staleWhileRevalidateSeconds is 61; the contract of queryThings promises at most 60',
    ],
  },
  {
    promise: 'an answer is not served stale where the contract does not say so',
    edits: api('staleIfErrorSeconds: 0', 'staleIfErrorSeconds: 3600'),
    finds: [
      'policies/apis/shop.yaml:35:9 error cache-stale-over-max: staleIfErrorSeconds is 3600; the contract of queryThings promises at most 0',
    ],
  },
  {
    promise: 'what changes something is not cached',
    edits: api('        maxBodyBytes: 32768\n        cache: none', '        cache: *short'),
    finds: [
      'policies/apis/shop.yaml:40:9 error cache-of-unsafe: makeThing changes something: its answer cannot be cached (a query by POST says x-safe-query: true)',
    ],
  },
  {
    promise: 'a cache may only depend on traits that exist',
    edits: api('vary: [regions,', 'vary: [region,'),
    finds: [
      'policies/apis/shop.yaml:25:9 error unknown-trait: vary: there is no "region", did you mean "regions"?',
      'policies/apis/shop.yaml:35:9 error unknown-trait: vary: there is no "region", did you mean "regions"?',
    ],
  },
  {
    promise: 'a cost counts something that the request has',
    edits: api('name: sku,', 'name: skus,'),
    finds: [
      'policies/apis/shop.yaml:23:9 error cost-of-nothing: the query of findThings has no "skus", did you mean "sku"?',
    ],
  },
  {
    promise: 'a call must be payable in every plan',
    edits: api('cost: { base: 5 }', 'cost: { base: 201 }'),
    finds: [
      'policies/apis/shop.yaml:38:9 error cost-over-plan: a call of makeThing costs 201, which plan "gold" can never pay (200)',
    ],
  },
  {
    promise: "a body may not be larger than the listener's bound",
    edits: api('maxBodyBytes: 32768', 'maxBodyBytes: 2000000'),
    finds: [
      'policies/apis/shop.yaml:36:7 error body-over-listener: maxBodyBytes of makeThing is 2000000; the listener takes at most 1048576',
    ],
  },
  {
    promise: 'an operation that gives up before its ERP does is pointed out',
    edits: erp('  timeoutMs: 1500', '  timeoutMs: 4000'),
    finds: [
      'policies/apis/shop.yaml:12:7 warning timeout-under-erp: getThing gives up after 2000 ms, before a call of "erp-one" does (4000 ms)',
      'policies/apis/shop.yaml:21:7 warning timeout-under-erp: findThings gives up after 2000 ms, before a call of "erp-one" does (4000 ms)',
      'policies/apis/shop.yaml:31:7 warning timeout-under-erp: queryThings gives up after 2000 ms, before a call of "erp-one" does (4000 ms)',
    ],
  },
  {
    promise: 'what is deprecated says since when, until when, and what comes after it',
    edits: api(
      '      deprecatedAt: 2026-10-01\n      sunsetAt: 2027-06-30T22:00:00Z\n      successor: v2\n',
      '',
    ),
    finds: [
      'policies/apis/shop.yaml:5:5 error deprecated-without-date: shop v1 is deprecated: say since when (deprecatedAt)',
      'policies/apis/shop.yaml:5:5 error deprecated-without-sunset: shop v1 is deprecated: say until when it lives (sunsetAt)',
      'policies/apis/shop.yaml:5:5 error deprecated-without-successor: shop v1 is deprecated: name its successor',
    ],
  },
  {
    promise: 'nothing ends before it is deprecated',
    edits: api('deprecatedAt: 2026-10-01', 'deprecatedAt: 2027-10-01'),
    finds: [
      'policies/apis/shop.yaml:5:5 error sunset-before-deprecation: shop v1 would end before it is deprecated (RFC 9745 section 4)',
    ],
  },
  {
    promise: 'a sunset that has passed is pointed out',
    edits: till('2027-01-31', '2028-01-31'),
    deps: { now: Date.parse('2027-07-01T00:00:00Z') },
    finds: [
      "policies/apis/shop.yaml:5:5 warning sunset-passed: shop v1's sunset has passed: its calls are refused; set state: retired",
    ],
  },
  {
    promise: 'a successor exists',
    edits: api('successor: v2', 'successor: v3'),
    finds: [
      'policies/apis/shop.yaml:5:5 error unknown-successor: shop v1 names v3 as its successor, which does not exist',
    ],
  },
  {
    promise: 'callers are not sent to a version that is closed',
    edits: api('lifecycle: { state: active }', 'lifecycle: { state: draft }'),
    finds: [
      'policies/apis/shop.yaml:5:5 error successor-not-open: shop v1 sends its callers to v2, which is draft',
    ],
  },
  {
    promise: 'what is active has no end',
    edits: api('state: active', 'state: active, sunsetAt: 2030-01-01'),
    finds: [
      'policies/apis/shop.yaml:19:5 error active-with-end: shop v2 is active, but has an end: set state: deprecated',
    ],
  },
  {
    promise: 'a plan exists',
    edits: till('plan: gold', 'plan: golden'),
    finds: [
      'policies/consumers/till.yaml:4:7 error unknown-plan: there is no plan "golden", did you mean "gold"?',
    ],
  },
  {
    promise: 'a channel exists',
    edits: till('channels: [web]', 'channels: [wep]'),
    finds: [
      'policies/consumers/till.yaml:6:12 error unknown-channel: there is no channel "wep", did you mean "web"?',
    ],
  },
  {
    promise: 'a region exists',
    edits: till('regions: [north, south]', 'regions: [north, souht]'),
    finds: [
      'policies/consumers/till.yaml:7:18 error unknown-region: there is no region "souht", did you mean "south"?',
    ],
  },
  {
    promise: "a consumer's scope exists",
    edits: till('shop:exact', 'shop:exakt'),
    finds: [
      'policies/consumers/till.yaml:5:33 error unknown-scope: there is no scope "shop:exakt", did you mean "shop:exact"?',
    ],
  },
  {
    promise: 'an operation that nobody may call is pointed out',
    edits: till('shop:write, ', ''),
    finds: [
      'policies/apis/shop.yaml:37:9 warning scope-nobody-has: no consumer has "shop:write": nobody can call makeThing',
    ],
  },
  {
    promise: 'a consumer who cannot call is pointed out',
    edits: {
      'consumers/web.yaml': text =>
        text.replace('credentials: demo', 'credentials: {}').replace('[shop:read]', '[]'),
    },
    finds: [
      "policies/consumers/web.yaml:1:1 warning no-credentials: web has no credential: it cannot call, unless by another issuer's token",
      'policies/consumers/web.yaml:1:1 warning no-scopes: web has no scope: no call of it can succeed',
    ],
  },
  {
    promise: 'two consumers do not share a clientId',
    edits: till('clientId: till-client', 'clientId: web'),
    finds: [
      'policies/consumers/web.yaml:1:1 error duplicate-client-id: clientId "web" is already at policies/consumers/till.yaml:1',
    ],
  },
  {
    promise: 'two consumers do not share a credential',
    edits: till('2'.repeat(64), '1'.repeat(64)),
    finds: [
      'policies/consumers/till.yaml:14:7 error duplicate-credential: the same credential is already at policies/consumers/till.yaml:11',
    ],
  },
  {
    promise: 'two consumers do not share an id',
    edits: { 'consumers/web.yaml': swap('id: web', 'id: till') },
    finds: [
      'policies/consumers/web.yaml:1:5 error duplicate-name: "till" is already taken by policies/consumers/till.yaml',
    ],
  },
  {
    promise: 'production refuses demo consumers',
    deps: { production: true },
    finds: [
      'policies/consumers/web.yaml:8:14 error demo-in-production: demo consumers are refused in production: give web credentials of its own',
    ],
  },
  {
    promise: 'a work class exists',
    edits: { 'plans.yaml': swap('workClass: till', 'workClass: til') },
    finds: [
      'policies/plans.yaml:6:16 error unknown-work-class: there is no work class "til", did you mean "till"?',
    ],
  },
  {
    promise: "a quota's time zone exists",
    edits: { 'plans.yaml': swap('Europe/Berlin', 'Europe/Berln') },
    finds: [
      'policies/plans.yaml:4:49 error unknown-time-zone: "Europe/Berln" is not a time zone, did you mean "Europe/Berlin"?',
    ],
  },
  {
    promise: "a location's time zone exists",
    edits: { 'locations.yaml': swap('Europe/Vienna', 'Europe/Viena') },
    finds: [
      'policies/locations.yaml:3:87 error unknown-time-zone: "Europe/Viena" is not a time zone, did you mean "Europe/Vienna"?',
    ],
  },
  {
    promise: "a channel's locations and currencies exist",
    edits: {
      'channels.yaml': text => text.replace('[DC-1]', '[DC-2]').replace('USD', 'UST'),
    },
    finds: [
      'policies/channels.yaml:3:23 error unknown-currency: there is no currency "UST", did you mean "USD"?',
      'policies/channels.yaml:4:12 error unknown-location: there is no location "DC-2", did you mean "DC-1"?',
    ],
  },
  {
    promise: 'a location that no ERP serves is told',
    edits: erp('  - regions: [south]\n', ''),
    finds: [
      'policies/locations.yaml:3:3 error location-without-erp: no connection under erps/ serves location "STORE-1"',
    ],
  },
  {
    promise: 'a channel whose prices no ERP serves is told',
    edits: erp('    channels: [web]\n', ''),
    finds: [
      'policies/channels.yaml:2:3 error channel-without-erp: no connection under erps/ serves the prices of channel "web"',
    ],
  },
  {
    promise: 'a route leads from places that exist',
    edits: erp('regions: [south]', 'regions: [south, suoth]'),
    finds: [
      'policies/erps/erp-one.yaml:22:5 error unknown-region: there is no region "suoth", did you mean "south"?',
    ],
  },
  {
    promise: 'a place is served by one connection only',
    edits: erp('regions: [south]', 'regions: [south]\n    locations: [DC-1]'),
    finds: [
      'policies/erps/erp-one.yaml:22:5 error route-taken: location "DC-1" is already served by "erp-one"',
    ],
  },
  {
    promise: 'a route says something',
    edits: erp('  - regions: [south]', '  - regions: [south]\n  - {}'),
    finds: [
      'policies/erps/erp-one.yaml:23:5 error empty-route: says neither locations, regions nor channels',
    ],
  },
  {
    promise: 'a connection offers what is asked of it',
    edits: erp('speaks: [inventory, pricing]', 'speaks: [inventory]'),
    finds: [
      'policies/erps/erp-one.yaml:20:5 error connection-without-port: channel "web" needs pricing, which "erp-one" as set up does not offer; it offers inventory',
    ],
  },
  {
    promise: 'movements are told to an ERP that can hear of them',
    edits: erp('serves:', 'movements: { tell: all }\nserves:'),
    finds: [
      'policies/erps/erp-one.yaml:1:1 error connection-without-port: "erp-one" as set up takes no movements: leave movements out',
    ],
  },
  {
    promise: 'a connector exists',
    edits: erp('connector: toy', 'connector: toi'),
    finds: [
      'policies/erps/erp-one.yaml:2:12 error unknown-connector: there is no connector "toi", did you mean "toy"?',
    ],
  },
  {
    promise: "a connection's settings fit its connector",
    edits: erp("company: '100'", 'company: 100, compny: 1'),
    finds: [
      'policies/erps/erp-one.yaml:18:22 error wrong-type: settings.company must be text, not the number 100',
      'policies/erps/erp-one.yaml:18:27 error unknown-key: settings.compny: unknown key, did you mean "company"?',
    ],
  },
  {
    promise: "what a connector says of its settings has the setting's place",
    edits: erp("company: '100'", "company: '13'"),
    finds: [
      'policies/erps/erp-one.yaml:18:22 warning connector-settings: settings.company: company 13 is closed',
    ],
  },
  {
    promise: 'what the environment does not set is told, without other complaints about it',
    edits: erp(`address: \${env:ERP_ONE_URL:-http://127.0.0.1:9999}/`, `address: \${env:ERP_URL}`),
    finds: [
      'policies/erps/erp-one.yaml:3:10 error env-missing: the environment does not set ERP_URL',
    ],
  },
  {
    promise: "an ERP's address is one that can be called, and what it is stays in the environment",
    deps: { env: { ERP_ONE_PASSWORD: 'x', ERP_ONE_URL: 'http://127.0.0.1:off' } },
    finds: [
      'policies/erps/erp-one.yaml:3:10 error bad-address: with the environment filled in, this is not an http or https address',
    ],
  },
  {
    promise: 'a secret in a file is refused',
    edits: erp(`'\${env:ERP_ONE_PASSWORD}'`, 'hunter2'),
    finds: [
      `policies/erps/erp-one.yaml:17:41 error secret-in-clear: credentials.password must come from the environment: \${env:NAME}`,
    ],
  },
  {
    promise: 'production refuses the default of a secret, which everybody knows',
    edits: {
      'erps/erp-one.yaml': swap('ERP_ONE_PASSWORD}', 'OTHER_PASSWORD:-hunter2}'),
      'consumers/web.yaml': undefined,
    },
    deps: { production: true },
    finds: [
      'policies/erps/erp-one.yaml:17:41 error default-secret: credentials.password is a default known to everybody: set it in the environment',
    ],
  },
  {
    promise: 'keys do not come over a connection that others can speak on',
    edits: { 'gateway.yaml': swap('jwksUri: https:', 'jwksUri: http:') },
    finds: [
      'policies/gateway.yaml:8:5 error insecure-jwks: jwksUri must be https: whoever can answer it decides who may call',
    ],
  },
  {
    promise: 'keys may come from the same machine',
    edits: {
      'gateway.yaml': swap('https://login.shop.example/jwks', 'http://127.0.0.1:7000/jwks'),
    },
    finds: [],
  },
  {
    promise: "an issuer is not Postern's own",
    edits: { 'gateway.yaml': swap('issuer: https://login', 'issuer: https://gateway') },
    finds: [
      'policies/gateway.yaml:8:5 error duplicate-issuer: the issuer "https://gateway.shop.example" is our own',
    ],
  },
  {
    promise: 'algorithms with a shared secret, or none, do not exist for tokens of others',
    edits: { 'gateway.yaml': swap('[RS256, ES256]', '[none, HS256]') },
    finds: [
      'policies/gateway.yaml:11:18 error wrong-value: tokenIssuers.0.algorithms.0 must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512',
      'policies/gateway.yaml:11:24 error wrong-value: tokenIssuers.0.algorithms.1 must be one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, did you mean "RS256"?',
    ],
  },
  {
    promise: 'a mistyped limit names the key, although the limit could be of another form',
    edits: { 'plans.yaml': swap('burst: 200', 'burts: 200') },
    finds: [
      'policies/plans.yaml:3:5 error missing-key: plans.gold.rate.burst is missing',
      'policies/plans.yaml:3:29 error unknown-key: plans.gold.rate.burts: unknown key, did you mean "burst"?',
    ],
  },
  {
    promise: 'a limit of neither form is told both',
    edits: { 'plans.yaml': swap('quota: none', 'quota: unlimited') },
    finds: [
      'policies/plans.yaml:10:12 error wrong-value: plans.open.quota must be { units, per, timeZone, dayStartsAt? }, or none',
    ],
  },
  {
    promise: 'a limit that is not stated is an error, not a limit that is off',
    edits: { 'plans.yaml': swap('    concurrency: none\n', '') },
    finds: [
      'policies/plans.yaml:8:3 error missing-key: plans.open.concurrency is missing: { max }, or none',
    ],
  },
  {
    promise: 'a cache that is not stated is an error, not a cache that is off',
    edits: api('        timeoutMs: 2000\n        cache: none\n', '        timeoutMs: 2000\n'),
    finds: [
      'policies/apis/shop.yaml:12:7 error missing-key: versions.v1.operations.getThing.cache is missing: { ttlSeconds, staleWhileRevalidateSeconds, staleIfErrorSeconds, clientMaxAgeSeconds, vary }, or none',
    ],
  },
  {
    promise: 'an API file that is broken is told as such, not as operations without a policy',
    edits: api('timeoutMs: 5000', 'timeoutMs: 5s'),
    finds: [
      'policies/apis/shop.yaml:39:20 error wrong-type: versions.v2.operations.makeThing.timeoutMs must be a whole number, not text (how long a caller waits at most, ERP included)',
    ],
  },
  {
    promise: 'a secret in clear is told wherever it stands, and never repeated',
    edits: {
      'consumers/till.yaml': text =>
        `${text}# \n`.replace(
          'contact: tills@shop.example',
          'contact: postgres://app:hunter22@db.example/x',
        ),
    },
    finds: [
      `policies/consumers/till.yaml:3:10 error secret-in-clear: a password in an address stands here in clear: take it from the environment, \${env:NAME}, and change it, as it has been seen`,
    ],
  },
  {
    promise: 'a consumer whose scopes open nothing is told',
    edits: {
      'consumers/web.yaml': swap('scopes: [shop:read]', 'scopes: [shop:exact]'),
    },
    finds: [
      'policies/consumers/web.yaml:1:1 warning no-calls-possible: the scopes of web open no operation: no call of it can succeed',
    ],
  },
  {
    promise: 'a consumer that reaches nothing is told',
    edits: {
      'consumers/web.yaml': text =>
        text.replace('channels: [web]', 'channels: []').replace('regions: [north]', 'regions: []'),
    },
    finds: [
      'policies/consumers/web.yaml:1:1 warning no-reach: web may act for no channel and in no region',
    ],
  },
  {
    promise: 'a credential that has expired is told',
    edits: till('2027-01-31', '2026-11-01'),
    finds: [
      'policies/consumers/till.yaml:11:7 warning credential-expired: this credential of till has expired: remove it',
    ],
  },
  {
    promise: 'a calendar that nobody keeps, and hours that no calendar has, are told',
    edits: {
      'gateway.yaml': text =>
        `${text}calendars: { office: [{ days: [mo], from: '09:00', to: '17:00', timeZone: Europe/Berlin }] }\n`,
      'plans.yaml': swap('workClass: till', 'workClass: till\n    hours: offices'),
    },
    finds: [
      'policies/gateway.yaml:1:1 warning unused-calendar: no plan has the hours "office"',
      'policies/plans.yaml:7:12 error unknown-calendar: there is no calendar "offices", did you mean "office"?',
    ],
  },
  {
    promise: 'a window that ends before it begins, and one in no time zone, are told',
    edits: {
      'erps/erp-one.yaml': text =>
        `${text}maintenance:\n  - { from: 2026-12-02, to: 2026-12-01 }\n  - { days: [su], from: '02:00', to: '03:00', timeZone: Europe/Berlim }\n`,
    },
    finds: [
      'policies/erps/erp-one.yaml:24:5 error empty-window: ends before it begins',
      'policies/erps/erp-one.yaml:25:57 error unknown-time-zone: "Europe/Berlim" is not a time zone, did you mean "Europe/Berlin"?',
    ],
  },
  {
    promise: 'a freeze that was forced, and is over, is told',
    edits: {
      'gateway.yaml': text =>
        `${text}freezeOverride: { by: Ada, reason: it could not wait, until: 2026-11-22 }\n`,
    },
    finds: [
      'policies/gateway.yaml:17:1 warning freeze-override-lapsed: freezeOverride has lapsed: remove it',
    ],
  },
  {
    promise: 'brown-outs remind of a sunset, and previews are of drafts',
    edits: api(
      'lifecycle: { state: active }',
      'lifecycle: { state: active, brownOuts: [{ from: 2026-12-01, to: 2026-12-02 }], previewFor: [webb] }',
    ),
    finds: [
      'policies/apis/shop.yaml:19:5 error brown-out-without-sunset: shop v2 has brown-outs, but no sunset that they remind of',
      'policies/apis/shop.yaml:19:5 error preview-without-draft: shop v2 is no draft: previewFor concerns nobody',
      'policies/apis/shop.yaml:19:5 error unknown-consumer: shop v2 previewFor: there is no consumer "webb", did you mean "web"?',
    ],
  },
  {
    promise:
      'a warning that was looked at stays quiet; an excuse that nothing needs, or that has lapsed, does not',
    edits: {
      'consumers/till.yaml': swap('2027-01-31', '2026-11-01'),
      'check-ignore.yaml': `ignore:
  - { rule: credential-expired, file: consumers/till.yaml, reason: the tills of Graz are still to be updated }
  - { rule: unused-calendar, reason: it comes with the next season }
  - { rule: no-reach, reason: they come with the next season, until: 2026-11-01 }
`,
    },
    finds: [
      'policies/check-ignore.yaml:3:5 warning ignore-unused: nothing is found by "unused-calendar": remove it',
      'policies/check-ignore.yaml:4:5 warning ignore-lapsed: "no-reach" was to be ignored until 2026-11-01',
    ],
  },
  {
    promise: 'an error cannot be excused, and an excuse has a reason',
    edits: {
      'plans.yaml': swap('workClass: till', 'workClass: tills'),
      'check-ignore.yaml': 'ignore:\n  - { rule: unknown-work-class, reason: because I say so }\n',
    },
    finds: [
      'policies/check-ignore.yaml:2:5 warning ignored-error: "unknown-work-class" is an error: it cannot be ignored',
      'policies/plans.yaml:6:16 error unknown-work-class: there is no work class "tills", did you mean "till"?',
    ],
  },
]

for (const { promise, edits = {}, deps = {}, finds } of SEEDS) {
  test(promise, async t => {
    assert.deepEqual(await findingsOf(t, edits, deps), finds)
  })
}

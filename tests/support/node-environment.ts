import vm from 'node:vm';
import type { JestEnvironment } from '@jest/environment';
import { ModuleMocker } from 'jest-mock';

const { compileFunction } = vm;
/** Jest compiles each module for the context of its environment; this compiles it for the realm of Node itself. */
vm.compileFunction = (code, params, options) =>
  compileFunction(code, params, { ...options, parsingContext: undefined });

/** Jest loads no module for an environment without a context. */
const unusedContext = vm.createContext();

/** The registry that both builds of zod share by this name; without it, a build that is loaded later begins one of its own. */
const SHARED_GLOBALS: PropertyKey[] = ['__zod_globalRegistry'];

const EVENTS = ['SIGINT', 'SIGTERM', 'uncaughtException', 'unhandledRejection'];

/**
 * Runs test files in the realm of Node itself, as production runs, and not in a realm for each file. A worker can
 * therefore load a package once for all its files (see `load-package`), and an error of Node is an `Error` of the
 * tests as well. Our own modules are loaded anew for each file.
 *
 * A file that has ended leaves no global, no variable of the environment and no listener for a signal behind.
 */
// biome-ignore lint/style/noDefaultExport: jest looks for one
export default class NodeEnvironment implements JestEnvironment {
  readonly global = globalThis as unknown as JestEnvironment['global'];
  readonly moduleMocker = new ModuleMocker(globalThis);
  /** No test works with a clock that stands still. */
  readonly fakeTimers = null;
  readonly fakeTimersModern = null;
  private readonly globals = Object.getOwnPropertyDescriptors(globalThis);
  private readonly env = { ...process.env };
  private readonly process = { exit: process.exit, getBuiltinModule: process.getBuiltinModule };
  private readonly listeners = new Map(EVENTS.map((event) => [event, process.rawListeners(event)]));

  constructor() {
    Object.assign(globalThis, { loadPackage: require });
  }

  /** As Node's own `require` resolves: some packages have an entry under no other condition. */
  exportConditions = () => ['node', 'node-addons', 'module-sync'];
  getVmContext = () => unusedContext;

  async setup(): Promise<void> {}

  async teardown(): Promise<void> {
    for (const key of Reflect.ownKeys(globalThis))
      if (!Object.hasOwn(this.globals, key) && !SHARED_GLOBALS.includes(key))
        Reflect.deleteProperty(globalThis, key);
    Object.defineProperties(globalThis, this.globals);
    Object.assign(process, this.process);
    for (const name of Object.keys(process.env)) if (!(name in this.env)) delete process.env[name];
    Object.assign(process.env, this.env);
    for (const [event, before] of this.listeners)
      for (const listener of process.rawListeners(event))
        if (!before.includes(listener)) process.off(event, listener as () => void);
  }
}

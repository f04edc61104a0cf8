import { z } from 'zod';
import type { JsonSchema } from './from-schema';
import type { Answer } from './send';

export interface Operation {
  parameters?: { name: string; in: 'path' | 'query'; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { content?: Record<string, { schema: JsonSchema }>; headers?: object }>;
}

const PROBLEM = 'application/problem+json';
const CODE = /^[a-z_]+$/;

/** Reads the OpenAPI document that the API serves, and checks answers against it. */
export async function readDocument(base: string) {
  const { paths, components } = (await (await fetch(`${base}/docs/json`)).json()) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, JsonSchema> };
  };
  const validators = new Map<string, z.ZodType>();

  const resolve = (ref: string): JsonSchema => {
    const schema = components.schemas[ref.replace('#/components/schemas/', '')];
    if (!schema) throw new Error(`the document does not have ${ref}`);
    return schema;
  };

  const inlined = (schema: unknown): unknown => {
    if (Array.isArray(schema)) return schema.map(inlined);
    if (typeof schema !== 'object' || schema === null) return schema;
    if ('$ref' in schema) return inlined(resolve(String(schema.$ref)));
    return Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, inlined(part)]));
  };

  /** Lists the faults of a value by its schema; empty when the value is valid. */
  function faultsOf(schema: JsonSchema, value: unknown): unknown[] {
    const key = JSON.stringify(schema);
    const validator = validators.get(key) ?? z.fromJSONSchema(inlined(schema) as never);
    validators.set(key, validator);
    return validator.safeParse(value).error?.issues ?? [];
  }

  return {
    paths,
    resolve,

    /** Expects a problem document, and never a server error. */
    expectProblem({ status, headers, body }: Answer): void {
      expect([status, headers['content-type']]).toEqual([expect.any(Number), PROBLEM]);
      expect(status).toBeLessThan(500);
      const problem = JSON.parse(body);
      expect(problem).toMatchObject({ status, code: expect.stringMatching(CODE) });
      expect(faultsOf(resolve('#/components/schemas/Problem'), problem)).toEqual([]);
    },

    /** Expects one of the answers that the document names for the operation, in the documented form. */
    expectDocumented({ responses }: Operation, { status, headers, body }: Answer): void {
      const documented = responses[status];
      expect([status, documented !== undefined]).toEqual([status, true]);
      if (!documented?.content) return;
      for (const name of Object.keys(documented.headers ?? {}))
        expect([status, name, headers[name.toLowerCase()]]).toEqual([
          status,
          name,
          expect.stringMatching(/^\d+$/),
        ]);
      const type = String(headers['content-type']).split(';')[0] as string;
      const schema = documented.content[type]?.schema;
      expect([status, type, schema !== undefined]).toEqual([status, type, true]);
      if (type === 'application/x-ndjson') expectLines(body);
      else expect(faultsOf(schema as JsonSchema, JSON.parse(body))).toEqual([]);
    },
  };
}

/** Expects that each line of a batch is answered as a notice alone would be. */
function expectLines(body: string): void {
  for (const line of body.split('\n').filter(Boolean)) {
    const { line: number, status, code } = JSON.parse(line);
    expect(number).toBeGreaterThan(0);
    expect([200, 202, 400, 409, 413, 422]).toContain(status);
    if (status >= 400) expect(code).toMatch(CODE);
  }
}

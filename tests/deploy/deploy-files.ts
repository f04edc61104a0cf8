import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const ROOT = join(__dirname, '../..');

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Reads YAML as compose does: `<<` merges one mapping into another. */
export const readYaml = <Content>(path: string): Content => parse(readText(path), { merge: true }) as Content;

/** Reads a file of several YAML documents. @throws Error for a fault in one of them */
export function readYamlDocuments<Content>(path: string): Content[] {
  return parseAllDocuments(readText(path)).map((document) => {
    for (const fault of 'errors' in document ? document.errors : []) throw fault;
    return document.toJS() as Content;
  });
}

export const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder)).map((name) => join(folder, name));

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const ROOT = join(__dirname, '../..');

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** As compose reads it: `<<` puts one mapping into another. */
export const readYaml = <Content>(path: string): Content => parse(readText(path), { merge: true }) as Content;

/** A file of several documents. A fault in one of them is thrown. */
export function readYamlDocuments<Content>(path: string): Content[] {
  return parseAllDocuments(readText(path)).map((document) => {
    for (const fault of 'errors' in document ? document.errors : []) throw fault;
    return document.toJS() as Content;
  });
}

export const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder)).map((name) => join(folder, name));

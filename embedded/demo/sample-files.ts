import { crc32, deflateSync } from 'node:zlib';

/** Makes a page of A4 with bars in the place of its text, so that it needs no font. */
export function samplePdf(): Buffer {
  const lines = Array.from({ length: 18 }, (_, i) => {
    const start = i % 3 === 2 ? 210 : 64;
    return `${start} ${700 - i * 32} ${530 - start} 8 re`;
  });
  const content = `0.25 g 330 756 200 16 re f\n0.6 g\n${lines.join('\n')}\nf`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>/Contents 4 0 R>>',
    `<</Length ${content.length}>>stream\n${content}\nendstream`,
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = body.length;
    body += `${i + 1} 0 obj${object}endobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const start = body.length;
  body += `xref\n0 5\n0000000000 65535 f \n${offsets.join('')}`;
  return Buffer.from(`${body}trailer<</Size 5/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`);
}

/** Makes a picture of a sheet of paper with bars in the place of its text. */
export function samplePng(width = 560, height = 360): Buffer {
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + width, 0xf6);
    row[0] = 0;
    const line = y > 40 && y < height - 40 && y % 28 < 7;
    if (line) row.fill(0x9a, 1 + (y % 56 < 28 ? 60 : 150), width - 50);
    return row;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits of grey.
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}

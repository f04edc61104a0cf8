/** What only the operators' desk has: times in tables, and what can be done about a whole group. */
export const deskStyle = `
.finder { display: block; margin-block-end: 1.5rem; }
.ops time { font-variant-numeric: normal; }
.group-actions { margin-block-end: 1.25rem; }
.ops ul.plain { margin: 0; padding: 0; list-style: none; display: grid; gap: .5rem; }
.ops ul.plain ul { margin: 0; padding-inline-start: 1.25rem; }
`;

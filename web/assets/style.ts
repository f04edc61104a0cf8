import { inboxStyle } from '../inbox/inbox-style';
import { deskStyle } from '../ops/desk-style';
import { contentStyle } from './style/content';
import { formStyle } from './style/forms';
import { frameStyle } from './style/frame';
import { groundStyle } from './style/ground';
import { listStyle } from './style/lists';
import { overlayStyle } from './style/overlays';

/** The whole look, as one file: light and dark, right to left, from 320 px up. */
export const styleWith = (fontUrl: string): string =>
  [
    groundStyle(fontUrl),
    frameStyle,
    contentStyle,
    formStyle,
    listStyle,
    overlayStyle,
    inboxStyle,
    deskStyle,
  ].join('\n');

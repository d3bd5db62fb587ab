/** A text for a camera: elements of an SVG, so that nothing is inline. Dark on light in either scheme, which is what cameras read. */
import { QRCodeSVG } from 'qrcode.react';

/** In squares: the margin that the standard asks for. */
const quietZone = 4;

interface QrCodeProps {
  readonly text: string;
  /** For who does not see it. */
  readonly title: string;
  /** In pixels. */
  readonly size: number;
}

export function QrCode({ text, title, size }: QrCodeProps) {
  return (
    <QRCodeSVG
      className="qr-code"
      value={text}
      title={title}
      size={size}
      // The most squares can be spared: a screen has no scratches.
      level="L"
      marginSize={quietZone}
      bgColor="#ffffff"
      fgColor="#0e1517"
    />
  );
}

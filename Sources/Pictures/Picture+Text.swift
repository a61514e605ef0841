// Labels in a 5 x 7 dot font: enough for axes, and no font library.

extension Picture {
    /// Dots from one character to the next, and from one line to the next.
    private static let cell = (width: 6, height: 8)

    /// How wide a text is, in pixels.
    public static func width(of text: String, scale: Int = 1) -> Int {
        max(0, text.count * cell.width - 1) * scale
    }

    /// How high a text is, in pixels, without descenders.
    public static func height(scale: Int = 1) -> Int { 7 * scale }

    /// Writes a line with its top left corner at (`x`, `y`); characters without a glyph are left blank.
    public mutating func write(_ text: String, x: Int, y: Int, scale: Int = 1, colour: Colour) {
        for (i, character) in text.enumerated() {
            guard let columns = glyphs[character] else { continue }
            for (column, dots) in columns.enumerated() {
                for row in 0..<8 where dots >> row & 1 == 1 {
                    let left = x + (i * Self.cell.width + column) * scale
                    let top = y + row * scale
                    fill(x: left..<left + scale, y: top..<top + scale, colour)
                }
            }
        }
    }
}

/// Five columns a character, the lowest bit at the top: the font of countless small displays.
private let glyphs: [Character: [UInt8]] = {
    let rows = """
        0 3E5149453E 1 00427F4000 2 4261514946 3 2141454B31 4 1814127F10 5 2745454539 6 3C4A494930 7 0171090503
        8 3649494936 9 064949291E . 0060600000 , 0050300000 : 0036360000 - 0808080808 + 08083E0808 / 2010080402
        ( 001C224100 ) 0041221C00 % 2313086462 = 1414141414 _ 4040404040 A 7E1111117E B 7F49494936 C 3E41414122
        D 7F4141221C E 7F49494941 F 7F09090901 G 3E4149497A H 7F0808087F I 00417F4100 J 2040413F01 K 7F08142241
        L 7F40404040 M 7F020C027F N 7F0408107F O 3E4141413E P 7F09090906 Q 3E4151215E R 7F09192946 S 4649494931
        T 01017F0101 U 3F4040403F V 1F2040201F W 3F4038403F X 6314081463 Y 0708700807 Z 6151494543 a 2054545478
        b 7F48444438 c 3844444420 d 384444487F e 3854545418 f 087E090102 g 0C5252523E h 7F08040478 i 00447D4000
        j 2040443D00 k 7F10284400 l 00417F4000 m 7C04180478 n 7C08040478 o 3844444438 p 7C14141408 q 081414187C
        r 7C08040408 s 4854545420 t 043F444020 u 3C4040207C v 1C2040201C w 3C4030403C x 4428102844 y 0C5050503C
        z 4464544C44
        """
    let words = rows.split(whereSeparator: \.isWhitespace)
    var glyphs: [Character: [UInt8]] = [:]
    for i in stride(from: 0, to: words.count, by: 2) {
        let bits = UInt64(words[i + 1], radix: 16) ?? 0
        glyphs[Character(String(words[i]))] = (0..<5).map { UInt8(truncatingIfNeeded: bits >> (8 * (4 - $0))) }
    }
    return glyphs
}()

// The languages that Whisper was trained on, by the codes of its tokens.

/// A language as people and programs name it: by its code ("de") or its English name ("german").
public struct SpokenLanguage: Sendable, Equatable {
    /// The code in the language's token.
    public let code: String
    /// The English name, in lower case.
    public let name: String

    /// The language of that code or name, in any case; nil for none that Whisper knows.
    public init?(_ text: String) {
        let text = text.lowercased()
        let wanted = Self.otherNames[text] ?? text
        guard let found = Self.all.first(where: { $0.code == wanted || $0.name == wanted }) else { return nil }
        self = found
    }

    private init(code: String, name: String) { (self.code, self.name) = (code, name) }

    /// All languages, in the order of Whisper's tokens (openai/whisper, `whisper/tokenizer.py`).
    public static let all: [SpokenLanguage] = table.split(separator: ",").map { entry in
        let parts = entry.split(separator: " ", maxSplits: 1)
        return SpokenLanguage(code: String(parts[0]), name: String(parts[1]))
    }

    private static let table = """
        en english,zh chinese,de german,es spanish,ru russian,ko korean,fr french,ja japanese,pt portuguese,\
        tr turkish,pl polish,ca catalan,nl dutch,ar arabic,sv swedish,it italian,id indonesian,hi hindi,fi finnish,\
        vi vietnamese,he hebrew,uk ukrainian,el greek,ms malay,cs czech,ro romanian,da danish,hu hungarian,ta tamil,\
        no norwegian,th thai,ur urdu,hr croatian,bg bulgarian,lt lithuanian,la latin,mi maori,ml malayalam,cy welsh,\
        sk slovak,te telugu,fa persian,lv latvian,bn bengali,sr serbian,az azerbaijani,sl slovenian,kn kannada,\
        et estonian,mk macedonian,br breton,eu basque,is icelandic,hy armenian,ne nepali,mn mongolian,bs bosnian,\
        kk kazakh,sq albanian,sw swahili,gl galician,mr marathi,pa punjabi,si sinhala,km khmer,sn shona,yo yoruba,\
        so somali,af afrikaans,oc occitan,ka georgian,be belarusian,tg tajik,sd sindhi,gu gujarati,am amharic,\
        yi yiddish,lo lao,uz uzbek,fo faroese,ht haitian creole,ps pashto,tk turkmen,nn nynorsk,mt maltese,\
        sa sanskrit,lb luxembourgish,my myanmar,bo tibetan,tl tagalog,mg malagasy,as assamese,tt tatar,haw hawaiian,\
        ln lingala,ha hausa,ba bashkir,jw javanese,su sundanese,yue cantonese
        """

    private static let otherNames = [
        "burmese": "my", "valencian": "ca", "flemish": "nl", "haitian": "ht", "letzeburgesch": "lb", "pushto": "ps",
        "panjabi": "pa", "moldavian": "ro", "moldovan": "ro", "sinhalese": "si", "castilian": "es", "mandarin": "zh",
    ]
}

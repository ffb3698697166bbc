"""Words that a synthetic directory is made of: people's names from many languages, departments, offices, groups."""

GIVEN = (
    "Ana", "Zoë", "José", "Søren", "Łukasz", "Amélie", "Jürgen", "Siobhán", "Björn", "Chloé", "François", "Göran",
    "Håkon", "Iñigo", "Jiří", "Katarína", "Léa", "Márton", "Noémie", "Ólafur", "Paweł", "Renée", "Šárka", "Thérèse",
    "Uģis", "Václav", "Wiebke", "Ximena", "Yağmur", "Žofia", "John", "Maria", "Priya", "Arjun", "Fatima", "Omar",
    "Mei", "Kenji", "Yuki", "Chen", "Aisha", "Kofi", "Amara", "Thabo", "Lerato", "Daniel", "Emma", "Liam", "Olivia",
    "Noah", "Mia", "Lucas", "Sofia", "Mateo", "Elena", "Ivan", "Olga", "Dmitri", "Hana", "Minh", "Linh", "Andrea",
    "Marco", "Giulia", "Pieter", "Anouk", "Mary-Jane", "Jean-Luc", "D'Arcy",
)  # fmt: skip

FAMILY = (
    "O'Brien", "D'Angelo", "O'Neill", "Müller", "García", "Nguyễn", "Ångström", "Çelik", "Dvořák", "Łuczak",
    "Sørensen", "Fernández", "Lefèvre", "Groß", "Jönsson", "Kovács", "Peña", "Novák", "Yilmaz", "Şahin", "Žukauskas",
    "Smith", "Jones", "Patel", "Singh", "Khan", "Kim", "Lee", "Tanaka", "Sato", "Suzuki", "Wang", "Li", "Zhang",
    "Okafor", "Mensah", "Ndlovu", "Dlamini", "Haddad", "Rossi", "Ferrari", "Silva", "Santos", "Costa", "Pereira",
    "Ivanova", "Petrov", "Popescu", "Ionescu", "Horvat", "Jansen", "Bakker", "Visser", "Weber", "Wagner", "Becker",
    "Martin", "Bernard", "Dubois", "Moreau", "Smith-Jones", "McAllister", "St.Clair", "Al-Farsi",
)  # fmt: skip

# Names in scripts from which no mail name can be derived: their mail names are numbered.
OTHER_SCRIPTS = (
    ("太郎", "田中"),
    ("Анна", "Кузнецова"),
    ("Γιώργος", "Παπαδόπουλος"),
    ("محمد", "الأحمد"),
    ("지훈", "김"),
)

DEPARTMENTS = (
    "Engineering", "Sales", "Marketing", "Finance", "People & Culture", "Legal", "Customer Support", "Design",
    "Research", "IT", "Facilities", "Procurement",
)  # fmt: skip

TITLES = ("Associate", "Specialist", "Senior Specialist", "Lead", "Principal", "Director")

OFFICES = (
    # city, region, country, postal code, street, dialling code, language
    ("München", "BY", "DE", "80331", "Marienplatz 1", "+49 89", "de-DE"),
    ("San Francisco", "CA", "US", "94105", "Pier 28 Annex", "+1 415", "en-US"),
    ("London", "", "GB", "EC1V 9HX", "Clerkenwell Road 5", "+44 20", "en-GB"),
    ("Tōkyō", "13", "JP", "107-0062", "Minami-Aoyama 5-1", "+81 3", "ja-JP"),
    ("São Paulo", "SP", "BR", "01310-100", "Avenida Paulista 1000", "+55 11", "pt-BR"),
    ("Kraków", "", "PL", "31-042", "Rynek Główny 7", "+48 12", "pl-PL"),
)

MAIL_HOSTS = ("gmail.com", "outlook.com", "partner.example", "fabrikam.example", "sub.agency.example")

PROJECTS = (
    "Atlas", "Borealis", "Café", "Delta", "Élan", "Fjord", "Gemini", "Horizon", "Iris", "Jupiter", "Kestrel", "Lumière",
    "Meridian", "Nova", "Orion", "Pampas", "Quartz", "Röntgen", "Sierra", "Tundra", "Umbra", "Vega", "Włókno", "Zephyr",
)  # fmt: skip

# How groups are called; parentheses, apostrophes, quotation marks, slashes and number signs are all legal in Entra.
GROUP_FORMS = (
    "{project} team", "Project {project} ({city})", "{project} \N{EN DASH} Reviewers", "{project}'s Steering Committee",
    'Room "{project}"', "{department}/{project}", "sg-{project}-readers", "{project} #1", "{project} & {department}",
    "ALL {project} {city}",
)  # fmt: skip
